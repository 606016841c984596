"""`analyzer labels agreement`: how far two annotators agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.labels.common import AsJson, SchemaFile, schema_of, show, write_data
from analyzer.cli.options import Debug
from analyzer.cli.telling import tell

if TYPE_CHECKING:
    from analyzer.labelling.agreement import Agreement, SetAgreement, Unmatched

_NAMED = 5


def agreement(
    first: Annotated[Path, typer.Argument(help="One annotator's documents, JSON lines.")],
    second: Annotated[Path, typer.Argument(help="Another's labels of the same documents.")],
    as_json: AsJson = False,
    schema: SchemaFile = None,
    debug: Debug = False,
) -> None:
    """Measure how far two annotators agree.

    Both have labelled the same documents.

    By head: raw agreement, Cohen's kappa, Krippendorff's alpha (nominal), macro-F1; for content also on the sentences
    that both hold for attributed. F1 of support links and of marked words, exact and overlapping. Documents are matched
    by id, sentences by place and text; what has no match is reported on standard error. – stands for what is undefined.

    Examples:

      analyzer labels agreement anna.jsonl ben.jsonl

      analyzer labels agreement anna.jsonl ben.jsonl --json > agreement.json
    """
    from analyzer.errors import AnalyzerError
    from analyzer.labelling.agreement import measure_agreement
    from analyzer.labelling.documents import read_documents

    heads = schema_of(schema)
    versions = read_documents(first, heads), read_documents(second, heads)
    measured = measure_agreement(*versions, heads, names=(str(first), str(second)))
    _tell_unmatched(measured.unmatched, first, second)
    if not measured.sentences:
        raise AnalyzerError(f"{first} and {second} share no sentence; give two versions of the same documents")
    if as_json:
        write_data(json.dumps(measured.to_dict(), indent=2, ensure_ascii=False) + "\n", None)
        return
    for line in _table(measured):
        show(line)


def _tell_unmatched(unmatched: Unmatched, first: Path, second: Path) -> None:
    for path, ids in ((first, unmatched.documents_of_first), (second, unmatched.documents_of_second)):
        if ids:
            tell(f"only in {path}: {len(ids)} documents ({_some(ids)})")
    if unmatched.sentences:
        places = [f"{id} sentence {index}" for id, index in unmatched.sentences]
        tell(f"not the same text in both: {len(places)} sentences ({_some(places)})")


def _some(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _table(measured: Agreement) -> list[str]:
    lines = [f"{measured.documents} documents, {measured.sentences} sentences", ""]
    lines.append(f"{'head':31} {'sentences':>9} {'agreement':>9} {'kappa':>7} {'alpha':>7} {'macro-F1':>8}")
    for name, head in measured.heads.items():
        figures = f"{_figure(head.agreement):>9} {_figure(head.kappa):>7} {_figure(head.alpha):>7}"
        lines.append(f"{name:31} {head.units:9} {figures} {_figure(head.macro_f1):>8}")
    sets: dict[str, SetAgreement] = {"links": measured.links} if measured.links else {}
    sets |= {f"spans: {kind}": found for kind, found in measured.spans.items()}
    if sets:
        lines += ["", f"{'':31} {'first':>9} {'second':>9} {'F1':>7} {'overlap':>7}"]
    for name, found in sets.items():
        figures = f"{_figure(found.f1):>7} {_figure(found.overlap_f1):>7}"
        lines.append(f"{name:31} {found.first:9} {found.second:9} {figures}")
    return lines


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
