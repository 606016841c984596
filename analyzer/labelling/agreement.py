"""How far two labelled versions of the same documents agree: by head, on support links, on marked words.

Documents are matched by id, sentences by place and text; what has no match is counted and named, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analyzer.errors import AnalyzerError
from analyzer.labelling.coefficients import cohen_kappa, krippendorff_alpha, macro_f1, raw_agreement, set_f1
from analyzer.labelling.documents import AnnotatedDocument, AnnotatedSentence
from analyzer.labelling.form import span_kinds
from analyzer.labelling.rules import applies_to, is_attributed
from analyzer.schema import Head, HeadKind, LabelSchema, span_label_of

Pair = tuple[AnnotatedSentence, AnnotatedSentence]


@dataclass(frozen=True)
class HeadAgreement:
    """Agreement on one head over `units` sentences; a coefficient is None where it is undefined.

    `pairs` counts (first label, second label) where they differ, most frequent first.
    """

    units: int
    agreement: float | None
    kappa: float | None
    alpha: float | None
    macro_f1: float | None
    pairs: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class SetAgreement:
    """F1 of what two annotators found, exactly and, for spans, where they overlap; counts of what each found."""

    first: int
    second: int
    f1: float | None
    overlap_f1: float | None = None


@dataclass(frozen=True)
class Unmatched:
    """What stands in one version only: ids, and (id, place) of sentences whose text differs or that are too many."""

    documents_of_first: tuple[str, ...]
    documents_of_second: tuple[str, ...]
    sentences: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Agreement:
    """Everything measured. `spans` holds the kinds that were looked for in both versions of a document."""

    documents: int
    sentences: int
    heads: dict[str, HeadAgreement]
    links: SetAgreement | None
    spans: dict[str, SetAgreement]
    unmatched: Unmatched

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Match:
    """Two versions of a document, and the places where they have the same sentence."""

    first: AnnotatedDocument
    second: AnnotatedDocument
    places: tuple[int, ...]

    def pairs(self) -> list[Pair]:
        return [(self.first.sentences[i], self.second.sentences[i]) for i in self.places]


def measure_agreement(
    first: Sequence[AnnotatedDocument],
    second: Sequence[AnnotatedDocument],
    schema: LabelSchema,
    *,
    names: tuple[str, str] = ("the first version", "the second version"),
) -> Agreement:
    """Compare two versions of labelled documents; `AnalyzerError` by name when two of a version have one id."""
    for name, version in zip(names, (first, second), strict=True):
        twice = [id for id, count in Counter(document.id for document in version).items() if count > 1]
        if twice:
            raise AnalyzerError(f"{name}: two documents have the id {twice[0]!r}; give each one of its own")
    ours, theirs = {d.id: d for d in first}, {d.id: d for d in second}
    matches = [_match(document, theirs[id]) for id, document in ours.items() if id in theirs]
    pairs = [pair for match in matches for pair in match.pairs()]
    heads = {name: _on_head(*columns) for head in schema.sentence_heads for name, columns in _columns(head, pairs)}
    if applies_to(schema):
        attributed = [(a, b) for a, b in pairs if is_attributed(a) and is_attributed(b)]
        (_, columns), *_ = _columns(schema.head("content"), attributed)
        heads["content of attributed sentences"] = _on_head(*columns)
    return Agreement(
        documents=len(matches),
        sentences=len(pairs),
        heads=heads,
        links=_on_sets(matches, _links) if schema.links else None,
        spans={kind: found for kind in span_kinds(schema) if (found := _on_spans(matches, kind))},
        unmatched=Unmatched(
            tuple(id for id in ours if id not in theirs),
            tuple(id for id in theirs if id not in ours),
            tuple((m.first.id, i) for m in matches for i in _unmatched(m)),
        ),
    )


def _match(first: AnnotatedDocument, second: AnnotatedDocument) -> _Match:
    both = enumerate(zip(first.sentences, second.sentences, strict=False))
    return _Match(first, second, tuple(i for i, (a, b) in both if a.text == b.text))


def _unmatched(match: _Match) -> list[int]:
    longest = max(len(match.first.sentences), len(match.second.sentences))
    matched = set(match.places)
    return [i for i in range(longest) if i not in matched]


def _columns(head: Head, pairs: Sequence[Pair]) -> list[tuple[str, tuple[list[str], list[str]]]]:
    """The labels of both versions, by head; a multi head of several labels has one yes or no for each."""

    def both(value: Callable[[AnnotatedSentence], Hashable]) -> tuple[list[str], list[str]]:
        return [str(value(a)) for a, _ in pairs], [str(value(b)) for _, b in pairs]

    if head.kind is HeadKind.MULTI and len(head.labels) > 1:
        return [
            (f"{head.name}.{label}", both(lambda s, label=label: label in _as_tuple(s, head.name)))  # type: ignore[misc]
            for label in head.labels
        ]
    return [(head.name, both(lambda s: s.labels[head.name]))]


def _as_tuple(sentence: AnnotatedSentence, name: str) -> tuple[str, ...]:
    value = sentence.labels[name]
    return value if isinstance(value, tuple) else ()


def _on_head(first: Sequence[str], second: Sequence[str]) -> HeadAgreement:
    differing = Counter((a, b) for a, b in zip(first, second, strict=True) if a != b)
    return HeadAgreement(
        units=len(first),
        agreement=raw_agreement(first, second),
        kappa=cohen_kappa(first, second),
        alpha=krippendorff_alpha(first, second),
        macro_f1=macro_f1(first, second),
        pairs=tuple((a, b, count) for (a, b), count in differing.most_common()),
    )


def _on_sets(
    matches: Sequence[_Match], items: Callable[[AnnotatedDocument, frozenset[int]], set[Hashable]]
) -> SetAgreement:
    first = {(m.first.id, item) for m in matches for item in items(m.first, frozenset(m.places))}
    second = {(m.first.id, item) for m in matches for item in items(m.second, frozenset(m.places))}
    return SetAgreement(len(first), len(second), set_f1(first, second))


def _links(document: AnnotatedDocument, places: frozenset[int]) -> set[Hashable]:
    """The links between sentences that have a match."""
    return {(i, j) for i in places for j in document.sentences[i].supports if j in places}


def _on_spans(matches: Sequence[_Match], kind: str) -> SetAgreement | None:
    """Agreement on one kind of marked words, in the documents where both looked for it; None when there is none."""
    looked_in = [m for m in matches if _looked_for(m.first, kind) and _looked_for(m.second, kind)]
    if not looked_in:
        return None
    first = {(m.first.id, *span) for m in looked_in for span in _spans(m.first, m.places, kind)}
    second = {(m.first.id, *span) for m in looked_in for span in _spans(m.second, m.places, kind)}
    met = _met(first, second) + _met(second, first)
    total = len(first) + len(second)
    return SetAgreement(len(first), len(second), set_f1(first, second), met / total if total else None)


def _looked_for(document: AnnotatedDocument, kind: str) -> bool:
    return kind in document.span_labels or span_label_of(kind) in document.span_labels


def _spans(document: AnnotatedDocument, places: Sequence[int], kind: str) -> list[tuple[int, int, int]]:
    return [(i, m.start, m.end) for i in places for m in document.sentences[i].marks if m.kind == kind]


def _met(spans: set[tuple[str, int, int, int]], others: set[tuple[str, int, int, int]]) -> int:
    """How many of the spans share a character with one of the others."""
    by_sentence: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for id, index, start, end in others:
        by_sentence.setdefault((id, index), []).append((start, end))
    return sum(
        any(start < b and a < end for a, b in by_sentence.get((id, index), ())) for id, index, start, end in spans
    )
