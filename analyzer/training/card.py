"""Writes the model card from what was really measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from analyzer.training.document_tables import document_tables
from analyzer.training.options import TrainingOptions
from analyzer.training.result_tables import Results, Table, markdown
from analyzer.training.results import SEEDS
from analyzer.training.section_tables import benchmark_tables, comparison_tables, contrast_tables, evenness_tables

ERRORS = "ERRORS.md"

_CARD = """# {name}

A model for `analyzer report`: it labels every sentence of an English article by type, attributed content,
loaded framing, sourcing and role in the argument, and scores which sentence supports which.

- **Encoder**: {start}, {courses};
  in the last course {left},
  windows of {window} tokens of whole sentences, seed {seed},
  exponential moving average of the weights.
- **Above it**: sentence vectors are means of token vectors; a bidirectional GRU over the sentences of the document, and
  over where each stands in it, adds context; one linear head a label set; a biaffine pointer scores
  support links. Loaded words, sources and cues are marked by a layer over each token and two on either side, and
  a conditional random field over the tokens of a sentence, one for each.{learned_last}
- **Rare labels** weigh by their frequency to the power of -{class_balance:g} in training.
- **Files**: `model.int8.onnx`, its weights (`.data`) and `heads.safetensors` are what the CPU runs; `model.safetensors`
  (fp16), where it is there, is what training starts from. No pickle.

## Data

{data}

{about_labels}
Temperatures and thresholds were fitted on the calibration documents; the dev documents were only measured.
{about_corpora}
## Measured on the dev documents

The int8 model as shipped{beside}.{seeds}{marked}

{dev}

{more}## Intended use and misuse

To show a reader or an editor which sentences of an article to look at, with the probability of every label. It is no
fact-checker: unsourced is not false, sourced is not true, and no score is a verdict on an author or an outlet. Do not
rank outlets by single articles, and do not use it to decide automatically what gets published or paid.

## Limits

English only. It is measured on {measured_on}; whatever is unlike
that is untested. Rare labels (`own`, `vague`, `speculation`) are the least reliable, and links are right less often
than not when roles have to be predicted too. A source named far from the sentence that leans on it may be missed.
Sarcasm without loaded words is usually missed.{errors}

## Make it again

{about_labelled}; `all-MiniLM-L6-v2` and other encoders are folders, or names on the Hugging Face hub with
`sentence-transformers/` before them.

{commands}
"""


# The corpora whose documents are labelled in `labeled/`, and those written for it.
_OURS = frozenset({"basil", "natsci", "polnear", "ptc", "written"})

_OUR_LABELS = """\
The labels were made by language models that followed `labeled/GUIDELINES.md`, not by people: every figure below is
agreement with such labels. The texts are news articles, web articles of strong opinion and journal editorials, all in
English; those of public corpora are not part of this repository{written}.
No document is on two sides of a split."""

_OTHER_LABELS = """Who made the labels, and how, this card cannot say: every figure below is agreement with them.
No document is on two sides of a split.{begun}"""

_BEGUN = """ It started from {start}, which was trained before:
on what, the card of that says."""

_OUR_LABELLED = """\
`annotated.jsonl` is what `analyzer labels join` makes of `labeled/standoff.jsonl.gz` and the public corpora, as
`labeled/README.md` says"""

_OTHER_LABELLED = "`labelled.jsonl` stands for the labelled documents above"

_PUBLIC = """
Public corpora, a part of which ({share:.0%}) every epoch reads, teach what they are labelled for:
{each}.
What is none of our labels has auxiliary heads, which are not part of the model. The corpora are for research use (BABE
AGPL-3.0, CheckThat! and arg-microtexts CC BY-NC-SA 4.0). What shares a sentence with a calibration or dev document was
not trained on.
"""

_TAUGHT = {
    "babe": "BABE lexical bias and loaded words",
    "checkthat": "CheckThat! subjectivity",
    "weasel": "the CoNLL-2010 Wikipedia sample uncertainty",
    "ptc": "PTC loaded words",
    "polnear": "PolNeAR sources and cues",
    "basil": "BASIL lexical bias, the author's or quoted",
    "aae": "Argument Annotated Essays support links",
    "microtexts": "arg-microtexts support links",
}


_MARKERS = """ They were trained on at the end, above the int8
  encoder: {each};
  `--like` leaves that out, and `analyzer train --marks-only` trains them in the same way; every course below learns
  them."""

_SEEDS = """ Columns of {seeds} seeds: mean ± standard deviation
over models {alike} with {seeds} different seeds."""

_MARKED = """ Marked words are measured on
held-out articles of the public corpora as well."""

_TEST = """Texts of many genres, written for this project and never trained on (`labeled/documents.jsonl`)."""

_COMPARED = """`fp32` are the weights before quantisation, `uncalibrated` is the same model without its temperatures.
`isolated` and `neighbours` are the same model when it sees a sentence alone, or with so many sentences on either
side: what its context gives."""

_CONTRAST = """Pairs of short texts, written for this project, that differ in one edit which should change one label."""

_EVEN = """Names in sentences of the dev documents swapped for others of their kind, and each sentence judged in its
document: no label should change."""


# The labelled documents whose texts are part of the project.
_WRITTEN = "labeled/documents.jsonl labeled/edits.jsonl"

_ERRORS = f"""

[{ERRORS}]({ERRORS}) says what it gets wrong, how often and why, with examples, and what was tried against it."""


def write_card(metrics: Mapping[str, Any], *, errors: bool = False) -> str:
    """The text of the model card for what `analyzer.training.recipe.train_model` measured, and what was added to it.

    `errors` says that an analysis of its errors, `ERRORS`, lies beside it.
    """
    results, last = Results(metrics), metrics["training"]
    name = metrics["model"]["name"]
    sources = metrics["data"].get("fit", {}).get("sources", {})
    has_written, is_ours = "written" in sources, _OURS.issuperset(sources)
    labelled = f"annotated.jsonl {_WRITTEN}" if has_written else "annotated.jsonl"
    written = ", those written for it are in `labeled/`" if has_written else ""
    trainings = _trainings(last) if is_ours else _since_begun(_trainings(last))
    begun = _BEGUN.format(start=trainings[0]["encoder"]) if trainings[0].get("before") else ""
    return _CARD.format(
        name=name,
        start=trainings[0]["encoder"],
        courses=", then ".join(map(_course, trainings)),
        left=_left(metrics["training"]),
        commands="\n".join(
            _commands(
                trainings,
                name,
                public=_has_public(metrics["data"]),
                labelled=labelled if is_ours else "labelled.jsonl",
            )
        ),
        about_labels=_OUR_LABELS.format(written=written) if is_ours else _OTHER_LABELS.format(begun=begun),
        about_labelled=_OUR_LABELLED if is_ours else _OTHER_LABELLED,
        measured_on=_measured_on(results),
        data=_data_table(metrics["data"]),
        about_corpora=_about_corpora(metrics["data"], _public_share(trainings)),
        learned_last=_learned_last(metrics["training"]),
        beside=", beside keyword rules and TF-IDF with logistic regression" if "baselines_dev" in metrics else "",
        seeds=_SEEDS.format(seeds=results.seeds, alike=_alike(metrics)) if results.seeds else "",
        marked=_MARKED if results.section("dev.spans") and _has_public(metrics["data"]) else "",
        dev=_text(document_tables(results, "dev")),
        errors=_ERRORS if errors else "",
        more="".join(f"## {title}\n\n{text}\n\n" for title, text in _sections(results)),
        **metrics["training"],
    )


def _measured_on(results: Results) -> str:
    measured = "the dev documents, which are of the corpora that it was trained on"
    return f"{measured}, and on the test documents" if results.section("test.heads") else measured


def _learned_last(training: Mapping[str, Any]) -> str:
    """What is said of markers that were trained on after the last course, by whoever wrote so into the metrics."""
    each = [
        f"{m['words']} {m['epochs']} epochs at a learning rate of {m['head_rate']:g}"
        for m in training.get("markers", ())
    ]
    return _MARKERS.format(each=", ".join(each)) if each else ""


def _trainings(last: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A training and those before it whose model it started from, the first one first."""
    before = last.get("before")
    return [*(_trainings(before) if before else ()), last]


def _since_begun(trainings: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The trainings on these documents: those from the last one on that began with a model trained on others."""
    begun = (at for at, training in reversed(list(enumerate(trainings))) if training.get("begun_elsewhere"))
    return trainings[next(begun, 0) :]


def _public_share(trainings: Sequence[Mapping[str, Any]]) -> float:
    """The part that the last training of all labels which read public corpora read of them an epoch."""
    of_all = [training for training in trainings if not training.get("marks_only")] or trainings
    return next((share for share in map(_share, reversed(of_all)) if share), 0.0)


def _share(training: Mapping[str, Any], *, public: bool = True) -> float:
    """The part of public corpora that an epoch read, 0 where there were none; `public` says it of trainings that do not
    tell whether there were any.
    """
    return float(training["auxiliary_share"]) if training.get("public", public) else 0.0


def _alike(metrics: Mapping[str, Any]) -> str:
    if not metrics["training"].get("before"):
        return "that were trained alike"
    earlier = metrics[SEEDS]["figures"].get("training.before.seed")
    if earlier and earlier["sd"] > 0:
        return "of which every course was run"
    return "whose last course alone, from the same start, was run"


def _left(training: Mapping[str, Any]) -> str:
    if training.get("above_int8"):
        return "all of it was left as it is in int8"
    layers = f" and the lowest {training['freeze']} layers" if training["freeze"] else ""
    return f"the embeddings{layers} were left as they were"


def _course(training: Mapping[str, Any]) -> str:
    layers = f"{training['layers']} of its layers, " if training.get("layers") else ""
    teachers = ", ".join(training.get("teachers", []))
    teacher = f" taught by {teachers}" if teachers else ""
    epochs = "1 epoch" if training["epochs"] == 1 else f"{training['epochs']} epochs"
    epochs += f", at most {training['steps']} steps," if training.get("steps") else ""
    if training.get("marks_only"):
        epochs += f" of what marks words alone, above int8, at a learning rate of {training['head_rate']:g}"
    elif training.get("above_int8"):
        epochs += f" of what is above it at a learning rate of {training['head_rate']:g}"
    else:
        epochs += " at a learning rate of {encoder_rate:g} (heads {head_rate:g})".format(**training)
    exchanged = ", names exchanged" if training.get("swaps") else ""
    return f"{layers}{epochs}{teacher}{exchanged}"


def _commands(trainings: Sequence[Mapping[str, Any]], name: str, *, public: bool, labelled: str) -> Iterator[str]:
    """The command that trains anew as it was trained, then that of every training; all but the last write a model that
    only the next one needs.
    """
    encoder = trainings[0]["encoder"]
    if len(trainings) > 1:
        yield from _one_command(trainings, name, public=public, labelled=labelled)
    for number, training in enumerate(trainings, 1):
        out = f"models/{name}-again" if number == len(trainings) else f"models/{name}-{number}"
        start = encoder
        if training.get("layers"):
            start += f" --layers {training['layers']}"
        if training.get("steps"):
            start += f" --steps {training['steps']}"
        start += "".join(f" --teacher models/{teacher}" for teacher in training.get("teachers", []))
        if training.get("swaps"):
            start += f" --swaps labeled/{training['swaps']}"
        share = _share(training, public=public)
        corpora = f" --public corpora --public-share {share:g}" if share else ""
        of_marks = training.get("marks_only")
        if number > 1 and training.get("from_int8", training.get("above_int8")) and not of_marks:
            # With fp16 weights beside it, these would be read and trained on.
            yield f"    rm {encoder}/model.safetensors"
        yield f"    analyzer train {labelled} --encoder {start}{corpora} \\"
        of_encoder = "" if training.get("above_int8") else " --learning-rate {encoder_rate:g} --freeze {freeze}"
        of_encoder = " --marks-only --learning-rate {head_rate:g}" if of_marks else of_encoder
        options = f"--epochs {{epochs}}{of_encoder} --seed {{seed}}".format(**training)
        if training["class_balance"] != TrainingOptions.class_balance:
            options += f" --class-weights {training['class_balance']:g}"
        yield f"      {options} -o {out}"
        encoder = out


def _one_command(trainings: Sequence[Mapping[str, Any]], name: str, *, public: bool, labelled: str) -> Iterator[str]:
    corpora = " --public corpora" if any(_share(training, public=public) for training in trainings) else ""
    lists = dict.fromkeys(training["swaps"] for training in trainings if training.get("swaps"))
    swaps = "".join(f" --swaps labeled/{name}" for name in lists)
    made = {f"{name}-{number}" for number in range(1, len(trainings))} | {training["encoder"] for training in trainings}
    teachers = dict.fromkeys(teacher for training in trainings for teacher in training.get("teachers", ()))
    others = "".join(f" --teacher models/{teacher}" for teacher in teachers if teacher not in made)
    yield f"    analyzer train {labelled} --like models/{name}{corpora}{swaps}{others} \\"
    yield f"      -o models/{name}-again"
    yield "\nIts courses one after the other; `--resume` goes on with them. As single commands, but for rates of the"
    yield "heads and sizes of steps, which are no options:\n"


def _sections(results: Results) -> Iterator[tuple[str, str]]:
    """What was measured beside the dev documents, each with its heading; nothing that was not."""
    for title, tables, before in (
        ("Measured on the test documents", partial(document_tables, split="test"), _TEST),
        ("Compared", comparison_tables, _COMPARED),
        ("Contrast sets", contrast_tables, _CONTRAST),
        ("Even-handedness", evenness_tables, _EVEN),
        ("Public benchmarks", benchmark_tables, ""),
    ):
        text = _text(tables(results), under=title)
        if text:
            yield title, f"{before}\n\n{text}" if before else text


def _text(tables: Iterable[Table], *, under: str = "") -> str:
    """The tables; one that is called as the heading it stands under needs none of its own."""
    return "\n\n".join(markdown(table, heading=table.title != under) for table in tables)


def _has_public(data: Mapping[str, Any]) -> bool:
    return any(part["documents"] for use, part in data.items() if "public" in use)


def _about_corpora(data: Mapping[str, Any], share: float) -> str:
    if not _has_public(data):
        return ""
    there = {source for use, part in data.items() if "public" in use for source in part["sources"]}
    each = [what for source, what in _TAUGHT.items() if source in there]
    return _PUBLIC.format(share=share, each=",\n".join(each))


def _data_table(data: Mapping[str, Any]) -> str:
    rows = ["| use | documents | sentences | sources |", "|---|---|---|---|"]
    for use, part in data.items():
        if not part["documents"]:
            continue
        sources = ", ".join(f"{name} {count}" for name, count in part["sources"].items())
        rows.append(f"| {use} | {part['documents']:,} | {part['sentences']:,} | {sources} |")
    return "\n".join(rows)
