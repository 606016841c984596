"""What the annotation guidelines ask of a document's labels together, beyond each having a valid value.

A rule takes a document and yields the problems it finds; adding one is a function and a line in `RULES`. What the
guidelines leave to judgement gives warnings. They speak of the standard labels, so only those documents have rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyzer.labelling.documents import AnnotatedDocument, AnnotatedSentence, Mark
from analyzer.labelling.form import Problem
from analyzer.schema import (
    ATTRIBUTED,
    EXCERPT,
    QUOTED_LOADED,
    STANDARD_SCHEMA,
    LabelSchema,
    Role,
    SentenceType,
    Sourcing,
    SpanLabel,
)

MOST_SUPPORTS = 3
_NON_ASSERTIVE, _BACKGROUND = SentenceType.NON_ASSERTIVE.value, Role.BACKGROUND.value


def applies_to(schema: LabelSchema) -> bool:
    """Whether the guidelines speak of documents with these heads: all the standard ones are among them."""
    return all(head in schema.heads for head in STANDARD_SCHEMA.heads)


def problems_of_rules(document: AnnotatedDocument) -> Iterator[Problem]:
    """What breaks the guidelines, rule by rule."""
    for rule in RULES:
        yield from rule(document)


def is_attributed(sentence: AnnotatedSentence) -> bool:
    """Whether it reports what a named or vague source says, so that `content` may differ from `type`."""
    return sentence.labels["type"] == SentenceType.FACTUAL_CLAIM.value and sentence.labels["sourcing"] in ATTRIBUTED


def _content_equals_type(document: AnnotatedDocument) -> Iterator[Problem]:
    for index, s in enumerate(document.sentences):
        if s.labels["content"] != s.labels["type"] and not is_attributed(s):
            yield Problem(
                f"content is {s.labels['content']} but type is {s.labels['type']}, sourcing {s.labels['sourcing']}",
                "they differ only in a factual_claim with a named or vague source; make them equal",
                index,
            )


def _nothing_asserted_has_no_source(document: AnnotatedDocument) -> Iterator[Problem]:
    for index, s in enumerate(document.sentences):
        if s.labels["type"] == _NON_ASSERTIVE and s.labels["sourcing"] != Sourcing.NONE.value:
            yield Problem(f"non_assertive with sourcing {s.labels['sourcing']}", "write none", index)


def _roles_and_links(document: AnnotatedDocument) -> Iterator[Problem]:
    for index, s in enumerate(document.sentences):
        role = s.labels["role"]
        if role == Role.PREMISE.value and not s.supports and not document.details.get(EXCERPT):
            yield Problem("a premise that supports nothing", "name what it is a reason for, or write background", index)
        if role == _BACKGROUND and s.supports:
            yield Problem(f"background that supports {_list(s.supports)}", "make it a premise, or write []", index)
        if len(s.supports) > MOST_SUPPORTS:
            yield Problem(
                f"supports {len(s.supports)} sentences, {_list(s.supports)}",
                f"keep the nearest {MOST_SUPPORTS} at most",
                index,
            )
        for target in s.supports:
            other = document.sentences[target]
            if other.labels["role"] == _BACKGROUND:
                yield Problem(
                    f"supports {target}, which is background",
                    f"make {target} a conclusion or premise, or name another",
                    index,
                )
            if index in other.supports and index < target:
                yield Problem(f"it and {target} support each other", "keep the link that is a reason", index)
        if s.labels["type"] == _NON_ASSERTIVE and role != _BACKGROUND:
            what = f"a {role} that asserts nothing"
            yield Problem(what, "what argues asserts something: look at type and role again", index, is_error=False)


def _circles(document: AnnotatedDocument) -> Iterator[Problem]:
    """Circles of three links or more, each once: the guidelines forbid only those of two."""
    state = [0] * len(document.sentences)
    for root in range(len(document.sentences)):
        path = [root]
        pending = [iter(document.sentences[root].supports if not state[root] else ())]
        state[root] = state[root] or 1
        while pending:
            target = next(pending[-1], None)
            if target is None:
                pending.pop()
                state[path.pop()] = 2
            elif state[target] == 0:
                state[target] = 1
                path.append(target)
                pending.append(iter(document.sentences[target].supports))
            elif target in path and len(path) - path.index(target) > 2:
                circle = path[path.index(target) :]
                first = circle.index(min(circle))
                shown = [*circle[first:], *circle[:first], circle[first]]
                yield Problem(
                    f"a circle of reasons: {' → '.join(map(str, shown))}",
                    "look which of these is no reason for the next",
                    circle[first],
                    is_error=False,
                )


def _loaded_words(document: AnnotatedDocument) -> Iterator[Problem]:
    if SpanLabel.LOADED.value not in document.span_labels:
        return
    for index, s in enumerate(document.sentences):
        marked = any(mark.kind == SpanLabel.LOADED.value for mark in s.marks)
        if s.labels["loaded"] and not marked:
            yield Problem("loaded, but no words of it are marked so", "mark the loaded words, or write false", index)
        if marked and not s.labels["loaded"]:
            yield Problem(
                "words marked as loaded in a sentence that is not",
                f"write true; a speaker's words in quotation marks are {QUOTED_LOADED}",
                index,
            )


def _sources(document: AnnotatedDocument) -> Iterator[Problem]:
    for index, s in enumerate(document.sentences):
        if s.labels["sourcing"] in ATTRIBUTED or not any(m.kind == SpanLabel.SOURCE.value for m in s.marks):
            continue
        asserts = s.labels["type"] != _NON_ASSERTIVE
        yield Problem(
            f"a source is marked, but sourcing is {s.labels['sourcing']}",
            "make it named or vague, or take the span out",
            index,
            is_error=asserts,
        )


def _nested_marks(document: AnnotatedDocument) -> Iterator[Problem]:
    for index, s in enumerate(document.sentences):
        before: Mark | None = None
        for mark in sorted(s.marks):
            if before is not None and mark.start < before.end:
                both = " and ".join(f"{m.kind} {m.start}–{m.end}" for m in (before, mark))
                yield Problem(
                    f"the spans {both} overlap",
                    "end the first before the second",
                    index,
                    is_error=False,
                )
            if before is None or mark.end > before.end:
                before = mark


def _list(indices: tuple[int, ...]) -> str:
    return ", ".join(map(str, indices))


RULES: tuple[Callable[[AnnotatedDocument], Iterator[Problem]], ...] = (
    _content_equals_type,
    _nothing_asserted_has_no_source,
    _roles_and_links,
    _circles,
    _loaded_words,
    _sources,
    _nested_marks,
)
