"""Pull quotes: sentences of a text that its page shows a second time, in large letters.

In goes a tree, and out of it goes what repeats the text and is named so, or is a quotation that no colon announces.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from analyzer.readers.tree import stands_in, text_of

_PULLED = re.compile(r"pull-?_?quote", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LEAST_WORDS = 4
# A page may quote thousands of times, and each time is a search of all its text.
_MOST = 200


def remove_pull_quotes(body: Any) -> Counter[str]:
    """Take them out of the tree and count them."""
    found = [element for element in body.iter("blockquote", "aside", "figure", "div", "p") if _may_be_pulled(element)]
    removed: Counter[str] = Counter()
    whole = _words(body) if found else ""
    for element in found[:_MOST]:
        words = _words(element)
        if (
            stands_in(element, body)
            and words.count(" ") > _LEAST_WORDS
            and whole.count(words) > 1
            and not _is_announced(element)
        ):
            whole = whole.replace(words, " ", 1)
            removed["pull quote"] += 1
            element.drop_tree()
    return removed


def _may_be_pulled(element: Any) -> bool:
    return element.tag in ("blockquote", "aside") or _PULLED.search(element.get("class", "")) is not None


def _is_announced(element: Any) -> bool:
    previous = element.getprevious()
    return previous is not None and text_of(previous).endswith(":") and not _PULLED.search(element.get("class", ""))


def _words(element: Any) -> str:
    return f" {' '.join(_WORD.findall(text_of(element).lower()))} "
