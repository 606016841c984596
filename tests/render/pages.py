"""Reports for tests of the HTML page, and pages written from them."""

from __future__ import annotations

from pathlib import Path

from analyzer.render import output
from analyzer.report import HeadInfo, ModelInfo, Report, Span
from tests.render.specs import make_report, sentence, sure

HOSTILE = (
    '<script>document.title = "owned"</script><img src=x onerror=\'document.title = "owned"\'> " onmouseover="alert(1) '
    "</script></style></title><!-- &amp; {{ 7 * 7 }} {% raw %} \u202egnp.exe\u2028 javascript:alert(1)"
)
PLAN = (
    "The mayor’s disgraceful plan has, according to a report by Harbour University, already “butchered” three schools."
)
CRITICS = "Critics say the reckless scheme could ruin the town."


def spans(text: str, at: int, *marks: tuple[str, str]) -> list[Span]:
    """Spans (kind, words) of a sentence that begins at `at`."""
    return [
        Span(kind=kind, start=at + text.index(words), end=at + text.index(words) + len(words), text=words)
        for kind, words in marks
    ]


def argued() -> Report:
    """A document with every kind of sentence, source, mark and block, and two conclusions."""
    first, second = "Schools in trouble", PLAN
    at = len(first) + 2
    marks = (
        ("loaded", "disgraceful"),
        ("cue", "according to"),
        ("source", "a report by Harbour University"),
        ("quoted_loaded", "butchered"),
    )
    critics_at = at + len(second) + 2
    return make_report(
        [
            sentence(first, type="non_assertive", notes=["heading"]),
            sentence(
                PLAN,
                loaded=True,
                sourcing="named",
                role="premise",
                probabilities={"type": sure("factual_claim", 0.9, "inference"), "loaded": 0.93},
                spans=spans(PLAN, at, *marks),
            ),
            sentence(
                CRITICS,
                type="speculation",
                sourcing="vague",
                role="premise",
                loaded=True,
                probabilities={
                    "type": sure("speculation", 0.52, "inference"),
                    "sourcing": sure("vague", 0.55, "none"),
                    "loaded": 0.5,
                },
                spans=spans(CRITICS, critics_at, ("source", "Critics"), ("cue", "say"), ("loaded", "reckless")),
            ),
            sentence("It must be stopped.", type="inference"),
            sentence("We counted the empty desks ourselves.", sourcing="own", role="premise"),
            sentence("School | Desks | Empty", type="non_assertive"),
            sentence("Harbour Street | 120 | 31", role="premise"),
            sentence("A third of the desks stood empty.", role="premise"),
            sentence("The council should resign.", type="inference"),
            sentence("“Not one child was asked,” nobody recalls.", type="non_assertive"),
        ],
        links={(1, 3): 0.9, (2, 3): 0.4, (4, 3): 0.6, (6, 7): 1.0, (7, 8): 0.8, (3, 8): 0.7},
        conclusions={3: 0.6, 8: 0.81},
        fixes=[(7, 0.4), (2, 0.55)],
        kinds=["heading", *["paragraph"] * 3, "list_item", *["table_row"] * 2, "list_item", "paragraph", "quote"],
    )


def own_labels(label: str = "fear appeal") -> Report:
    """A document as a model without the standard heads reports it: a head of each kind, one label a text of choice."""
    texts = ("They will burn the bridge.", "The council met on Tuesday.")
    blank = dict.fromkeys(("type", "content", "loaded", "sourcing", "role"))
    marks = [
        [Span(kind=label, start=10, end=14, text="burn")],
        [],
    ]
    given = [
        {"alarm": ["alarm"], "tone": label, "topics": ["crime", "roads"]},
        {"alarm": [], "tone": "calm", "topics": []},
    ]
    chances = [
        {"alarm": 0.83, "tone": {label: 0.55, "calm": 0.45}, "topics": {"crime": 0.7, "roads": 0.64}},
        {"alarm": 0.21, "tone": {label: 0.1, "calm": 0.9}, "topics": {"crime": 0.1, "roads": 0.2}},
    ]
    report = make_report(
        [
            sentence(text, **blank, spans=spans_, labels=labels, probabilities=p)
            for text, spans_, labels, p in zip(texts, marks, given, chances, strict=True)
        ],
        type_counts={},
        loaded_share=None,
        unsourced_share=None,
        label_counts={
            "alarm": {"alarm": 1},
            "tone": {"calm": 1, label: 1},
            "topics": {"crime": 1, "roads": 1},
            "marks": {label: 1},
        },
    )
    heads = [
        HeadInfo(name="alarm", kind="multi", labels=["alarm"]),
        HeadInfo(name="tone", kind="single", labels=["calm", label]),
        HeadInfo(name="topics", kind="multi", labels=["crime", "roads"]),
        HeadInfo(name="marks", kind="span", labels=[label]),
    ]
    paragraphs = [p.model_copy(update={"type_counts": {}, "loaded_share": None}) for p in report.paragraphs]
    model = ModelInfo(name="own", version="1", heads=heads, is_standard=False)
    return report.model_copy(update={"model": model, "paragraphs": paragraphs})


def write_page(path: Path, *reports: Report, quiet: bool = False) -> Path:
    """Write the page of these reports to a file."""
    output(reports, format="html", path=path, quiet=quiet)
    return path
