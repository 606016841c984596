"""What stands beside a text on its page: the one list of names of such boxes, and what speaks against a name.

A name counts by its whole words: "operating-results" holds no rating. Where it may be that of a part of the text
("share-price", "footer-note"), a box is what holds no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from analyzer.readers.headings import ends_sentence
from analyzer.readers.tree import BLOCK_TAGS, HEADINGS, leads_away, text_of, words_of

_LISTS = ("ul", "ol", "dl", "li", "dt", "dd")
_TAGS = ("aside", "nav", "footer", "form")
_NAME = re.compile(
    r"(?<![a-z])(?:ads?(?![a-z])|advert|authors?(?![a-z])|banner|bio(?![a-z])|byline|comment(?!ar)|consent(?![a-z])"
    r"|cookie|footer|gdpr|hatnote|modal(?![a-z])|most[\W_]?(?:read|popular|viewed)|newsletter|outbrain|overlay(?![a-z])"
    r"|paywall|pop[\W_]?up(?![a-z])|popular(?![a-z])|promo(?![a-z])|read[\W_]?(?:more|next)|recommend|related|sidebar"
    r"|sign[\W_]?up|sponsor|subscri|taboola|teaser|trending|(?<!elementor-)widget)(?![a-z]*[\W_]notes?(?![a-z]))"
)
_MAYBE = re.compile(
    r"(?<![a-z])(?:aside|breadcrumbs?|menu|meta|more|most|nav|pagination|share|sharing|social|tags)(?![a-z])"
)
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LEAST_WORDS = 4
# Of a box as long as a page, its beginning tells what it holds.
_MOST_BLOCKS = 100


def _name_of(element: Any) -> str:
    """Its class, id and item property, in small letters, the words of `relatedLinks` apart."""
    names = " ".join(element.get(attribute, "") for attribute in ("class", "id", "itemprop"))
    return _INNER_CAPITAL.sub("-", names).lower()


def is_beside(element: Any) -> bool:
    """Whether an element is a box beside the text, by its tag or its name."""
    name = _name_of(element)
    if element.tag in _TAGS or _NAME.search(name):
        return True
    return _MAYBE.search(name) is not None and not holds_prose(element)


def holds_prose(element: Any) -> bool:
    """Whether some paragraph in it, or all of it, ends a sentence and does not consist of links."""
    blocks: Iterator[Any] = islice(element.iter("p", "li", "dd", "blockquote"), _MOST_BLOCKS)
    if not any(inner.tag in BLOCK_TAGS for inner in islice(element.iterdescendants(), _MOST_BLOCKS)):
        blocks = iter((element,))
    return any(map(is_prose, blocks))


def is_prose(block: Any) -> bool:
    """Whether a block ends a sentence and does not consist of links."""
    text = text_of(block)
    return ends_sentence(text) and len(text.split()) >= _LEAST_WORDS and not is_of_links(block)


def is_of_links(element: Any) -> bool:
    """Whether most of its words are those of links to other places."""
    links = [link for link in element.iter("a") if leads_away(link)]
    return bool(links) and 2 * sum(len(words_of(link)) for link in links) > len(words_of(element))


def spare_prose(root: Any) -> None:
    """Takes the names off what trafilatura would drop for them, which looks for "rating" in "operating", if it is
    prose of the text.
    """
    from trafilatura.xpaths import OVERALL_DISCARD_XPATH

    dropped = [element for expression in OVERALL_DISCARD_XPATH for element in expression(root)]
    for element in [*dropped, *root.iter(*_LISTS)]:
        if element.tag == "span":
            spared = _goes_on(element)
        else:
            is_text = element.tag in _LISTS or holds_prose(element) or _answers_heading(element)
            spared = element.attrib and is_text and not is_beside(element)
        if spared:
            for attribute in ("class", "id"):
                element.attrib.pop(attribute, None)


def _answers_heading(element: Any) -> bool:
    """Whether it is the paragraph below a heading of a section, also one of a word: "Verdict", "False"."""
    above = element.getprevious()
    return element.tag == "p" and above is not None and above.tag in HEADINGS and above.tag != "h1"


def _goes_on(element: Any) -> bool:
    """Whether a sentence of a paragraph goes on behind an element in it."""
    block = element.getparent()
    return block.tag in ("p", "li") and (element.tail or "").strip() != "" and is_prose(block)
