"""The terminal report: the words and numbers that must appear, in every width, encoding and kind of terminal."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from analyzer.render.terminal.page import render, render_summary
from analyzer.report import Report, Span
from tests.render.specs import GROUNDS, console, drawn, flat, make_report, sentence, sure, written

ARGUED = make_report(
    [
        sentence("The plan has failed.", type="inference", loaded=True, probabilities={"loaded": 0.9}),
        sentence("Prices rose by a tenth.", role="premise", sourcing="named"),
        sentence("Officials fear a shortage.", role="premise", sourcing="vague", content="speculation"),
        sentence("Nobody was asked.", role="premise", notes=["a reason given"]),
        sentence("We counted the empty shelves.", role="premise", sourcing="own"),
    ],
    links={(1, 0): 0.9, (2, 0): 0.3, (3, 2): 0.8, (4, 0): 0.7},
    conclusions={0: 0.62},
    fixes=[(3, 0.44), (2, 0.5), (4, 0.55), (1, 0.6)],
    notes=["this text does not look like English"],
)


def section(text: str, title: str) -> str:
    """What stands under a section's heading, up to the next heading."""
    found = re.search(rf"^{title} [─-]+\n(.*?)(?=^[A-Z][^\n]* [─-]{{3,}}$|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, text
    return found[1]


def summary(text: str) -> str:
    return flat(re.split(r"^(?:Conclusions|Paragraph by)", text, flags=re.MULTILINE)[0])


def test_the_summary_gives_every_score_and_its_meaning() -> None:
    shown = summary(drawn(ARGUED, 140))
    assert shown.startswith("The Title article.md · 5 sentences · 5 paragraphs · 1 conclusion")
    assert "Note: this text does not look like English" in shown
    assert (
        "0.62 (likely 0.52 to 0.72) Most of what its conclusions rest on has no source, or only a vague one." in shown
    )
    assert "35% of what its conclusions rest on is what somebody thinks" in shown
    assert "factual claim 80% · inference 20% · speculation 0% · non-assertive 0%" in shown
    assert "20% of the sentences are in loaded framing" in shown
    assert "75% of the factual claims have no source and show no evidence" in shown


@pytest.mark.parametrize(
    ("dependence", "words"),
    [
        (0.0, "Nearly all of what its conclusions rest on has a source, or is shown in the text"),
        (0.3, "Most of what its conclusions rest on has a source, or is shown in the text"),
        (0.5, "About half of what its conclusions rest on has no source, vague ones counted in part"),
        (0.596, "Most of what its conclusions rest on has no source, or only a vague one"),
        (0.7, "Most of what its conclusions rest on has no source, or only a vague one"),
        (1.0, "Nearly all of what its conclusions rest on has no source, or only a vague one"),
    ],
)
def test_dependence_is_said_in_words_that_judge_no_truth(dependence: float, words: str) -> None:
    shown = flat(drawn(make_report([sentence("A thing is so.")], conclusions={0: dependence})))
    assert words in shown
    assert not re.search(r"\b(false|biased|untrustworthy)\b", shown.replace("Unsourced is not false.", ""))


def test_shares_of_types_add_up_to_a_hundred() -> None:
    kinds = ("factual_claim", "inference", "speculation")
    report = make_report([sentence(f"Words of the {kind} kind.", type=kind) for kind in kinds])
    assert "factual claim 34% · inference 33% · speculation 33% · non-assertive 0%" in summary(drawn(report, 140))


def test_a_wide_interval_is_called_wide() -> None:
    report = make_report([sentence("A thing is so.")], conclusions={0: 0.5}, interval=(0.1, 0.9))
    assert "likely 0.10 to 0.90, a wide range: its labels and links are uncertain" in summary(drawn(report))


def test_the_grounds_are_one_bar_whose_lengths_are_the_shares() -> None:
    bars = [line.split()[-1] for line in drawn(ARGUED).splitlines() if "██" in line]
    expected = "█" * 18 + "▓" * 6 + "▒" * 3 + "░" * 3 + "=" * 12 + "-" * 9 + "?" * 6 + "o" * 3
    assert bars == [expected, expected]
    assert sum(GROUNDS.model_dump().values()) == pytest.approx(1)
    assert "█ named fact 30% ▓ named opinion 10% ▒ own evidence 5% ░ vague source 5%" in summary(drawn(ARGUED, 140))
    assert "= unsourced fact 20% - unsourced inference 15% ? unsourced speculation 10% o circular 5%" in summary(
        drawn(ARGUED, 140)
    )


def test_a_document_without_conclusions_says_so_and_shows_what_there_is() -> None:
    text = drawn(make_report([sentence("The vote is on Tuesday.")]))
    assert "No conclusion of its own was found, so there is none to score" in summary(text)
    assert "factual claim 100%" in summary(text)
    assert "Conclusions, most" not in text
    assert "s0 The vote is on Tuesday." in flat(text)
    assert "contributes" not in text


def test_a_document_without_factual_claims_has_no_unsourced_share() -> None:
    text = drawn(make_report([sentence("Who knows?", type="non_assertive")], unsourced_share=None))
    assert "there are no factual claims to source" in flat(text)


def test_a_conclusion_shows_its_premises_as_a_tree_with_their_sources() -> None:
    tree = section(drawn(ARGUED, 120), "Conclusions, most dependent first")
    lines = [line.strip() for line in tree.splitlines()]
    assert lines[1] == "s0 The plan has failed."
    assert "because" in lines
    assert "├── s1 · ✓ named source · factual claim" in lines
    assert "├── s4 · ◆ own evidence · factual claim" in lines
    assert "└── s2 perhaps 30% · ~ vague source · factual claim" in lines
    assert "└── s3 · ∅ no source · factual claim" in lines
    assert "Nobody was asked." in lines
    shown = flat(tree)
    assert "dependence 0.62 · likely 0.52 to 0.72" in shown
    assert "most of what it rests on has no source, or only a vague one · opinion 35%" in shown
    assert "What would help most: source s3: 0.62 → 0.44 · source s2: 0.62 → 0.50 · source s4: 0.62 → 0.55" in shown
    assert "0.60" not in shown


def test_the_most_dependent_conclusion_comes_first() -> None:
    report = make_report([sentence("First."), sentence("Second.")], conclusions={0: 0.2, 1: 0.9})
    tree = section(drawn(report), "Conclusions, most dependent first")
    assert tree.index("s1 Second.") < tree.index("s0 First.")
    assert "No premise in the text supports it." in tree


def test_premises_that_support_each_other_end_as_circular() -> None:
    report = make_report(
        [sentence("So it is."), sentence("Alpha."), sentence("Beta."), sentence("Gamma.")],
        links={(1, 0): 0.9, (2, 1): 0.9, (3, 2): 0.9, (1, 3): 0.9, (0, 1): 0.6},
        conclusions={0: 0.9},
    )
    tree = section(drawn(report), "Conclusions, most dependent first")
    assert re.search(r"s1 · circular", tree)
    assert re.search(r"s0 · circular", tree)
    assert tree.count("Alpha.") == 1


def test_a_premise_is_quoted_once_and_the_unlikeliest_are_counted() -> None:
    report = make_report(
        [sentence("So it is."), *(sentence(f"Reason {k}.") for k in range(1, 10))],
        links={**{(k, 0): 1 - k / 20 for k in range(1, 10)}, (2, 1): 0.9},
        conclusions={0: 0.9},
    )
    tree = section(drawn(report), "Conclusions, most dependent first")
    assert [f"Reason {k}." in tree for k in range(1, 10)] == [True] * 6 + [False] * 3
    assert "… and 3 more" in tree
    assert tree.count("Reason 2.") == 1
    assert "s2 · see below" in tree or "s2 · see above" in tree


def test_the_tree_is_four_levels_deep() -> None:
    report = make_report(
        [sentence(f"Step {k}.") for k in range(8)],
        links={(k + 1, k): 0.9 for k in range(7)},
        conclusions={0: 0.9},
    )
    tree = section(drawn(report), "Conclusions, most dependent first")
    assert "Step 4." in tree
    assert "Step 5." not in tree
    assert "… and 1 more" in tree


def test_every_sentence_stands_in_its_paragraph_with_its_labels() -> None:
    shown = flat(section(drawn(ARGUED, 99), "Paragraph by paragraph"))
    assert "paragraph 0 · dependence 0.62 · contributes 0.12 to the document's s0 The plan has failed." in shown
    assert "inference · ! loaded framing · ∅ no source · conclusion, dependence 0.62" in shown
    assert "factual claim · ✓ named source · premise, for s0" in shown
    assert "factual claim · ~ vague source · reports a speculation · premise, perhaps for s0" in shown
    assert "factual claim · ∅ no source · premise, for s2 a reason given" in shown


def test_a_word_longer_than_the_line_is_folded_and_not_cut() -> None:
    address = f"https://news.example/{'economy/' * 12}residents.html"
    said = sentence(f"It failed, see {address} for all.", type="inference")
    shown = drawn(make_report([said, sentence(f"So says {address}.")], conclusions={0: 0.9}), 60)
    assert "…" not in shown
    assert "".join(shown.split()).count(address) == 3


def test_labels_stand_beside_the_sentence_where_there_is_room() -> None:
    def row(width: int) -> str:
        lines = section(drawn(ARGUED, width), "Paragraph by paragraph").splitlines()
        return next(line for line in lines if line.startswith("s1"))

    assert "named source" in row(120)
    assert "named source" not in row(80)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {"probabilities": {"type": {"inference": 0.52, "factual_claim": 0.41}}},
            "inference? 52% (or factual claim 41%)",
        ),
        ({"probabilities": {"type": {"inference": 0.61, "factual_claim": 0.39}}}, "inference · ∅"),
        ({"probabilities": {"sourcing": sure("none", 0.55, "named")}}, "∅ no source? 55%"),
        ({"role": "premise", "probabilities": {"role": sure("premise", 0.5, "background")}}, "premise? 50%"),
        ({"role": "premise", "probabilities": {"role": sure("premise", 0.0, "background")}}, "∅ no source · premise"),
        ({"loaded": True, "probabilities": {"loaded": 0.64}}, "possibly loaded 64%"),
        ({"loaded": False, "probabilities": {"loaded": 0.36}}, "possibly loaded 36%"),
        ({"loaded": True, "probabilities": {"loaded": 0.66}}, "! loaded framing"),
        (
            {
                "labels": {"tone_of_voice": "angry"},
                "probabilities": {"tone_of_voice": {"angry": 0.7, "calm": 0.3}},
            },
            "tone of voice: angry 70%",
        ),
        ({"labels": {"biased": ["biased"]}, "probabilities": {"biased": 0.52}}, "biased? 52%"),
    ],
)
def test_what_the_model_is_unsure_of_is_not_asserted(fields: dict[str, object], shown: str) -> None:
    text = flat(drawn(make_report([sentence("Word.", type="inference", **fields)])).split("Legend")[0])
    assert f"{shown} " in f"{text} "
    if "? 0%" in text or ("premise" in shown and "?" not in shown):
        assert "premise?" not in text


def test_what_is_only_possibly_loaded_is_counted_apart() -> None:
    told = [sentence("A.", loaded=True, probabilities={"loaded": p}) for p in (0.9, 0.5, 0.4, 0.1)]
    told[3] = sentence("B.", probabilities={"loaded": 0.1})
    assert "25% of the sentences are in loaded framing, 50% possibly" in flat(drawn(make_report(told)))


def test_wording_that_is_hardly_loaded_gets_no_mark() -> None:
    text = drawn(make_report([sentence("Word.", probabilities={"loaded": 0.34})]))
    assert "possibly" not in text
    assert "!" not in text


def test_loaded_words_are_underlined() -> None:
    span = Span(kind="loaded", start=4, end=12, text="reckless")
    report = make_report([sentence("The reckless plan passed.", spans=[span])])
    text = drawn(report, force_terminal=True, color_system="standard")
    assert "\x1b[4mreckless\x1b[0m" in text


def test_the_words_behind_a_mark_are_told_where_no_style_can_show_them() -> None:
    text = "Critics call the reckless plan a gift."
    spans = [
        Span(kind=kind, start=text.index(words), end=text.index(words) + len(words), text=words)
        for kind, words in (("source", "Critics"), ("cue", "call"), ("loaded", "reckless"), ("quoted_loaded", "gift"))
    ]
    marked = sentence(text, sourcing="vague", loaded=True, spans=spans, probabilities={"loaded": 0.9})
    shown = flat(section(drawn(make_report([marked]), 90), "Paragraph by paragraph"))
    assert "! loaded framing: “reckless”" in shown and "~ vague source: “Critics”" in shown
    assert "“gift”" not in shown and "“call”" not in shown


def test_a_sentence_that_is_hardly_background_says_what_else_it_may_be() -> None:
    roles = {"role": {"conclusion": 0.1, "premise": 0.405, "background": 0.495}}
    shown = flat(drawn(make_report([sentence("It rose.", probabilities=roles)]), 90))
    assert "background? 50% (or premise 40%)" in shown
    sure_of_it = {"role": {"conclusion": 0.1, "premise": 0.2, "background": 0.7}}
    assert "background" not in flat(drawn(make_report([sentence("It rose.", probabilities=sure_of_it)]), 90))


def test_no_figure_contradicts_the_limit_that_it_is_shown_for() -> None:
    doubtful = sentence("It rose.", probabilities={"type": {"factual_claim": 0.5993, "inference": 0.4007}})
    assert "factual claim? 59% (or inference 40%)" in flat(drawn(make_report([doubtful])))
    linked = make_report([sentence("So."), sentence("It rose.")], conclusions={0: 0.5}, links={(1, 0): 0.4996})
    assert "s1 perhaps 49%" in flat(drawn(linked))


def test_loaded_and_possibly_loaded_add_up_to_what_is_told_of_both() -> None:
    loaded = [sentence("Bad.", loaded=True, probabilities={"loaded": 0.65})] * 7
    possibly = [sentence("Odd.", loaded=True, probabilities={"loaded": 0.4})] * 7
    report = make_report([*loaded, *possibly, *[sentence("It rose.", probabilities={"loaded": 0.0})] * 186])
    assert "4% of the sentences are in loaded framing, 3% possibly" in summary(drawn(report, 140))


def test_headings_and_tables_look_like_themselves() -> None:
    report = make_report(
        [
            sentence("What It Cost", type="non_assertive", notes=["heading"]),
            sentence("Year | Cost", type="non_assertive", notes=["header row of a table"]),
            sentence("2020 | $4 bn"),
            sentence("2021 | $5 bn"),
            sentence("Both rose."),
        ],
        kinds=["heading", "table_row", "table_row", "table_row", "list_item"],
    )
    text = drawn(report)
    assert re.search(r"^paragraph 0 · heading *\ns0  What It Cost *\n    non-assertive *$", text, re.MULTILINE)
    assert re.search(r"^paragraphs 1–3 · table", text, re.MULTILINE)
    assert re.search(r"s1 +Year +Cost *\n ─+ *\n +s2 +2020 +\$4 bn *\n +s3 +2021 +\$5 bn", text)
    assert "s2 s3 · factual claim · ∅ no source" in flat(text)
    assert "header row of a table" in text
    assert "paragraph 4 · list item" in text


def test_the_legend_explains_every_mark() -> None:
    legend = flat(section(drawn(ARGUED, 140), "Legend"))
    assert legend == (
        "✓ named source · ~ vague source · ◆ own evidence · ∅ no source · ? less than 60% sure · "
        "s12: sentence 12 of the JSON report "
        "█ named fact · ▓ named opinion · ▒ own evidence · ░ vague source · = unsourced fact · - unsourced inference · "
        "? unsourced speculation o circular"
    )


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    wide = make_report(
        [
            sentence("Donaudampfschifffahrtsgesellschaftskapitänsmütze " * 4, type="inference"),
            sentence("東京の物価は一割上がったと省が発表した。" * 5, sourcing="named"),
            sentence(" | ".join(f"cell {k}" for k in range(12))),
            *(sentence(f"Because of number {k}, which is long enough to wrap.") for k in range(6)),
        ],
        links={(k + 1, k): 0.4 for k in range(8)} | {(k, 0): 0.3 for k in range(2, 9)},
        conclusions={0: 0.7},
        fixes=[(3, 0.2)],
        kinds=["paragraph", "quote", "table_row"] + ["paragraph"] * 6,
    )
    for report in (wide, ARGUED):
        assert max(map(cell_len, drawn(report, width).splitlines())) <= width


def test_a_pipe_gets_no_escape_codes_and_no_color_gets_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in drawn(ARGUED)
    assert re.search(r"\x1b\[3\dm", drawn(ARGUED, force_terminal=True, color_system="standard"))
    monkeypatch.setenv("NO_COLOR", "1")
    text = drawn(ARGUED, force_terminal=True, color_system="standard")
    assert not re.search(r"\x1b\[[\d;]*(?:3\d|9\d)m", text)
    assert "█" in text


def test_a_terminal_without_utf_8_gets_ascii() -> None:
    report = make_report(
        [sentence("“Café” – naïve… 東", type="inference", sourcing="named"), sentence("Why.")],
        links={(1, 0): 0.9},
        conclusions={0: 0.62},
        fixes=[(1, 0.1)],
    )
    text = drawn(report, encoding="ascii")
    assert '"Cafe" - naive... ?' in text
    assert "#" * 18 + "@" * 6 + "*" * 3 + ":" * 3 + "=" * 12 + "-" * 9 + "?" * 6 + "o" * 3 in text
    assert "source s1: 0.62 -> 0.10" in text
    on = console(encoding="ascii")
    render_summary(report, on)
    assert "0.62 (0.52-0.72)" in written(on)


HOSTILE = st.text(
    alphabet=st.sampled_from(
        ["\x1b", "[", "]", "2", "J", "m", "\x9b", "\r", "\n", "\b", "\x07", "\u202e", "\u2066", "a", " "]
    )
)


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_no_text_of_a_document_can_act_on_the_terminal(text: str) -> None:
    hostile = f"x{text}x"
    report = make_report(
        [sentence(hostile, notes=[hostile]), sentence(hostile), sentence(hostile)],
        links={(1, 0): 0.9},
        conclusions={0: 0.5},
        kinds=["paragraph", "heading", "table_row"],
        title=hostile,
        path=hostile,
        notes=[hostile],
    )
    on = console(60)
    render([report], on)
    render_summary(report, on)
    shown = written(on)
    assert not set(shown) & {"\x1b", "\x9b", "\r", "\b", "\x07", "\u202e", "\u2066"}
    assert max(map(cell_len, shown.splitlines()[:-1])) <= 60


def test_markup_emoji_codes_and_line_breaks_of_a_document_are_only_words() -> None:
    text = "[bold red]No[/] :smile: [link=x]y[/link]\n\nDependence 0.00 \x1b[2J\x1b]0;title\x07\u202eabc"
    shown = flat(drawn(make_report([sentence(text)], title=text, notes=[text]), 200))
    expected = "[bold red]No[/] :smile: [link=x]y[/link] Dependence 0.00 0;titleabc"
    assert shown.count(expected) == 3


def test_quiet_is_one_line_a_document_with_columns_that_line_up() -> None:
    on = console(40)
    render_summary(ARGUED, on)
    render_summary(make_report([sentence("A.")], unsourced_share=None, path="two\nlines.md", loaded_share=0.0), on)
    lines = written(on).splitlines()
    assert lines == [
        "0.62 (0.52–0.72)  1 conclusion    loaded or possibly  25%  unsourced  75%  article.md",
        "  –               0 conclusions   loaded or possibly   0%  unsourced    –  two lines.md",
    ]


def test_several_documents_share_one_legend() -> None:
    on = console()
    render([ARGUED, make_report([sentence("Only news.")], title="Other")], on)
    text = written(on)
    assert text.count("Legend ─") == 1
    assert text.index("The Title") < text.index("Other") < text.index("Legend ─")


def test_a_thousand_sentences_take_seconds_at_most() -> None:
    report: Report = make_report(
        [sentence(f"Sentence number {k} says that something has happened to somebody.") for k in range(1000)],
        links={(k, j): 0.3 for k in range(1000) for j in range(max(0, k - 6), min(1000, k + 7)) if j != k},
        conclusions=dict.fromkeys(range(0, 1000, 20), 0.5),
    )
    began = time.perf_counter()
    text = drawn(report)
    assert time.perf_counter() - began < 60
    assert "s999" in text
    assert len(text.splitlines()) < 11_000
