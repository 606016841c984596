"""What goes to another tool: a document, the model's labels beside it, and which of its sentences are wanted.

`sheet` and `label_studio` write items in the form of other programs; `row_of_item` writes them in our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analyzer.labelling.documents import AnnotatedDocument, LabelValue, only, row_of

if TYPE_CHECKING:
    from analyzer.labelling.prediction import Predicted


@dataclass(frozen=True)
class Item:
    """A document to export. `document` is None when nobody labelled it; `chosen` is None when all of it is wanted."""

    document: AnnotatedDocument | None
    predicted: Predicted | None
    chosen: tuple[int, ...] | None = None

    @property
    def shown(self) -> AnnotatedDocument:
        """The document with its own labels, or else the model's."""
        if self.document is not None:
            return self.document
        assert self.predicted is not None
        return self.predicted.document

    @property
    def wanted(self) -> tuple[int, ...]:
        """Positions of the sentences that are wanted, ascending."""
        return tuple(range(len(self.shown.sentences))) if self.chosen is None else tuple(sorted(self.chosen))

    @property
    def part(self) -> AnnotatedDocument:
        """The document with the wanted sentences alone."""
        return only(self.shown, self.wanted)


def row_of_item(item: Item) -> dict[str, Any]:
    """The row of a document with, in each sentence, what the model says of it under `predicted`."""
    row = row_of(item.part)
    if item.predicted is None:
        return row
    place = {old: new for new, old in enumerate(item.wanted)}
    for old, sentence in zip(item.wanted, row["sentences"], strict=True):
        labels, scores = item.predicted.document.sentences[old].labels, item.predicted.scores[old]
        links = item.predicted.link_scores.items()
        sentence["predicted"] = {
            **{name: {"label": _plain(value), "score": round(scores[name], 4)} for name, value in labels.items()},
            "supports": [
                {"sentence": place[j], "score": round(p, 4)} for (i, j), p in links if i == old and j in place
            ],
        }
    return row


def _plain(value: LabelValue) -> Any:
    return list(value) if isinstance(value, tuple) else value
