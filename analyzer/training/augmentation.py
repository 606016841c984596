"""Documents with names exchanged for others, so that a model learns that its labels do not depend on them:
counterfactual data augmentation (Zhao et al. 2018, arXiv:1804.06876).

In go a labelled document and a swap list, out comes a document with the same labels; marked words move along.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analyzer.training.data import LabelledDocument
from analyzer.training.swaps import Edit, SwapList, apply_edits


def exchange_names(document: LabelledDocument, swaps: SwapList, order: random.Random) -> LabelledDocument:
    """The document with each pair of names that it has any of exchanged, or not, by an even chance.

    A pair that is exchanged is so in all of its sentences that the list does not except. The very same document where
    nothing was exchanged.
    """
    met = swaps.met_in(document.texts)
    chosen = [family for family in met if order.random() < 0.5]
    edits = {
        place: found for place, text in enumerate(document.texts) if chosen and (found := swaps.edits(text, chosen))
    }
    if not edits:
        return document
    texts = tuple(apply_edits(text, edits.get(place, ())) for place, text in enumerate(document.texts))
    spans = {label: frozenset(_moved(place, edits) for place in places) for label, places in document.spans.items()}
    return replace(document, texts=texts, spans=spans)


def _moved(span: tuple[int, int, int], edits: Mapping[int, Sequence[Edit]]) -> tuple[int, int, int]:
    """A span that begins or ends inside a name has the whole of the new one."""
    sentence, start, end = span
    new_start, new_end = start, end
    for edit in edits.get(sentence, ()):
        longer = len(edit.text) - (edit.end - edit.start)
        if edit.end <= start:
            new_start += longer
        elif edit.start < start:
            new_start -= start - edit.start
        if edit.end <= end:
            new_end += longer
        elif edit.start < end:
            new_end += longer + edit.end - end
    return sentence, new_start, new_end
