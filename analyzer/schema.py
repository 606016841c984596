"""The vocabulary: label enums, and `LabelSchema`, which describes any set of heads a model has.

The enums are the words used in code, output and documentation; `labeled/GUIDELINES.md` defines each. The
standard model has the heads of `STANDARD_SCHEMA`; a model trained on other labels has its own schema.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from analyzer.errors import AnalyzerError

SCHEMA_FORMAT = 1
# What a labelled document has that some sentences of an article are: their premises may support others.
EXCERPT = "excerpt"


class SentenceType(str, Enum):
    """What kind of assertion a sentence makes (heads `type` and `content`)."""

    FACTUAL_CLAIM = "factual_claim"
    INFERENCE = "inference"
    SPECULATION = "speculation"
    NON_ASSERTIVE = "non_assertive"


class Sourcing(str, Enum):
    """What the reader is told about where an assertion comes from."""

    NAMED = "named"
    VAGUE = "vague"
    OWN = "own"
    NONE = "none"


# Sourcing by which somebody else's assertion is reported: only then may `content` differ from `type`.
ATTRIBUTED = (Sourcing.NAMED.value, Sourcing.VAGUE.value)


class Role(str, Enum):
    """What a sentence does in the argument of its document."""

    CONCLUSION = "conclusion"
    PREMISE = "premise"
    BACKGROUND = "background"


class SpanLabel(str, Enum):
    """What marked words of a sentence are (head `spans`)."""

    LOADED = "loaded"
    SOURCE = "source"
    CUE = "cue"


# The loaded words of a quoted speaker: a report and labelled files tell them from the author's, a model does not.
QUOTED_LOADED = "quoted_loaded"


def span_label_of(kind: str) -> str:
    """The label that a model has for marked words of a kind."""
    return SpanLabel.LOADED.value if kind == QUOTED_LOADED else kind


class HeadKind(str, Enum):
    """How a head's labels relate: exactly one holds (`single`), each holds or not by itself (`multi`), or each marks
    words of the sentence (`span`)."""

    SINGLE = "single"
    MULTI = "multi"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Head:
    """One set of labels that a model gives to every sentence, or to words of it."""

    name: str
    kind: HeadKind
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """The heads of a model, and whether it also scores support links between sentences."""

    heads: tuple[Head, ...]
    links: bool

    @property
    def sentence_heads(self) -> tuple[Head, ...]:
        """The heads that label whole sentences."""
        return tuple(head for head in self.heads if head.kind is not HeadKind.SPAN)

    @property
    def span_labels(self) -> tuple[str, ...]:
        """The labels that mark words, of all heads that do; no two heads share one."""
        return tuple(label for head in self.heads if head.kind is HeadKind.SPAN for label in head.labels)

    @property
    def own_heads(self) -> tuple[Head, ...]:
        """The heads beyond those of the standard model."""
        return tuple(head for head in self.heads if head not in STANDARD_SCHEMA.heads)

    @property
    def scores_dependence(self) -> bool:
        """Whether it has all that the score is made of: the standard heads of sentences, and links."""
        return self.links and all(head in self.heads for head in STANDARD_SCHEMA.sentence_heads)

    def has(self, name: str) -> bool:
        """Whether it has a head of that name."""
        return any(head.name == name for head in self.heads)

    def head(self, name: str) -> Head:
        """The head of that name; `KeyError` when the schema has none."""
        for head in self.heads:
            if head.name == name:
                return head
        raise KeyError(name)

    def to_json(self) -> str:
        """The content of a model folder's `schema.json`."""
        heads = [{"name": h.name, "kind": h.kind.value, "labels": list(h.labels)} for h in self.heads]
        return json.dumps({"format": SCHEMA_FORMAT, "heads": heads, "links": self.links}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, *, origin: str) -> LabelSchema:
        """Parse `schema.json`. `origin` names the file in the `AnalyzerError` raised for anything unreadable."""
        try:
            data: dict[str, Any] = json.loads(text)
            version = data["format"]
            if version != SCHEMA_FORMAT:
                raise AnalyzerError(
                    f"{origin}: label schema format {version!r}, but this version reads format {SCHEMA_FORMAT}; "
                    "train the model again or install the version of the analyzer it was made with"
                )
            heads = tuple(Head(h["name"], HeadKind(h["kind"]), tuple(h["labels"])) for h in data["heads"])
            return cls(heads, bool(data["links"]))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise AnalyzerError(f"{origin}: not a label schema ({error}); restore the model folder") from error


def _values(labels: type[Enum]) -> tuple[str, ...]:
    return tuple(label.value for label in labels)


STANDARD_SCHEMA = LabelSchema(
    heads=(
        Head("type", HeadKind.SINGLE, _values(SentenceType)),
        Head("content", HeadKind.SINGLE, _values(SentenceType)),
        Head("loaded", HeadKind.MULTI, ("loaded",)),
        Head("sourcing", HeadKind.SINGLE, _values(Sourcing)),
        Head("role", HeadKind.SINGLE, _values(Role)),
        Head("spans", HeadKind.SPAN, _values(SpanLabel)),
    ),
    links=True,
)
