"""What a visitor of a page does not see, or would not read as a part of its text.

In goes the tree of a page, out come counts of what was taken from it: hidden elements, scripts, forms, and the buttons
and formulas that are no words of a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import Any

from analyzer.readers.tree import BLOCK_TAGS, HEADINGS, leads_away, stands_in, words_of

_NOT_TEXT = {
    "script": "script element", "style": "style element", "noscript": "noscript element", "template": "template",
    "iframe": "embedded frame", "object": "embedded object", "svg": "drawing", "form": "form",
    "select": "form field", "textarea": "form field", "input": "form field",
    "del": "struck-out passage", "s": "struck-out passage", "strike": "struck-out passage",
}  # fmt: skip
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDDEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text|mw-editsection)(?:\s|$)")
_ICON_CLASS = re.compile(r"icon|symbol|emoji", re.IGNORECASE)
_SIGN_UP_CLASS = re.compile(r"(?<![a-z])(?:newsletter|sign-?up|subscribe)(?![a-z])", re.IGNORECASE)
_POINTER = re.compile(
    r"(?:see also|(?:also )?read(?: (?:more|next|also|now))?|more on this|watch(?: now)?|don['’]t miss|related(?: \w+)?"
    r"|must[ -]read|up next|recommended|you may also like)\s?:",
    re.IGNORECASE,
)
_INLINE = frozenset(("span", "b", "strong", "em", "big", "font", "mark"))
_OF_TEXT = frozenset((*HEADINGS, "p", "li", "dd", "td", "th", "blockquote", "figcaption"))
_GOES_ON = re.compile(r"[\w,.;:!?'’\"”)]")
_NEAR = 10  # elements between a button and the next word; a page may have tens of thousands of buttons


def remove_invisible(root: Any) -> Counter[str]:
    """Takes out of the tree what is no text or is hidden, and counts it."""
    left_out: Counter[str] = Counter()
    _remove_comments(root, left_out)
    words = len(words_of(root))
    for element in list(root.iter("pre")):
        if _is_code(element):
            left_out["code block"] += 1
            element.drop_tree()
    for element in list(root.iter("p", "div", "li")):
        if _points_elsewhere(element) and stands_in(element, root):
            left_out["teaser link"] += 1
            element.drop_tree()
    for element in list(root.iter("*")):
        if element is root or element.tag in ("head", "body") or element.getparent() is None:
            continue
        what = _NOT_TEXT.get(element.tag)
        if what is None and _is_hidden(element, words):
            what = "hidden element"
        if what is None and _asks_for_address(element, words):
            what = "sign-up box"
        if what == "form" and len(words_of(element)) > words / 4:
            continue  # some sites wrap the whole page in one form
        if what is not None:
            if what != "hidden element" or element.text_content().strip():
                left_out[what] += 1
            element.drop_tree()
        else:
            element.attrib.pop("aria-hidden", None)  # what stays is no longer hidden, for those who look next
    # From the end on, so that the words after a button are those of no button that goes.
    for element in reversed(list(root.iter("button", "math"))):
        if element.tag == "math" and element.get("display") != "block":
            _write_out(element)
        elif element.tag == "button" and _is_word(element):
            element.tag = "span"
            element.attrib.clear()
        else:
            left_out["button" if element.tag == "button" else "formula"] += 1
            element.drop_tree()
    return left_out


def _points_elsewhere(block: Any) -> bool:
    """Whether a block says no more than "See also:" and what it links to."""
    label = _POINTER.match(" ".join(islice(filter(None, map(str.strip, block.itertext())), 2)))
    links = list(islice(filter(leads_away, block.iter("a")), 2)) if label else []
    if label is None or len(links) != 1:
        return False
    return len(words_of(block)) - len(words_of(links[0])) in (0, len(label[0].split()))


def _is_code(pre: Any) -> bool:
    """Whether all text of a `pre` stands in elements of code; one without any is a text that was typed."""
    inside = sum(len("".join(code.itertext()).split()) for code in pre.iterchildren("code", "samp"))
    return 0 < inside == len(words_of(pre))


def _asks_for_address(element: Any, words: int) -> bool:
    """Whether it is the box of a newsletter, whose words would remain where its form goes."""
    if element.tag not in ("div", "section", "aside") or not _SIGN_UP_CLASS.search(element.get("class", "")):
        return False
    return next(element.iter("form", "input", "button"), None) is not None and len(words_of(element)) <= words / 4


def _remove_comments(root: Any, left_out: Counter[str]) -> None:
    """The comments that an export of Google Docs puts below its text, and their marks in it."""
    for link in list(root.iterfind(".//a[@id]")):
        name, target = link.get("id"), link.get("href", "")
        if not stands_in(link, root):
            continue
        if name.startswith("cmnt_ref") and target == f"#cmnt{name[8:]}":
            link.drop_tree()
        elif name.startswith("cmnt") and target == f"#cmnt_ref{name[4:]}":
            block = next(link.iterancestors("div"), None)
            if block is not None and _begins_with(block, link):
                left_out["comment"] += 1
                block.drop_tree()


def _begins_with(block: Any, link: Any) -> bool:
    """Whether no word stands in a block before a link in it."""
    first = next((text.strip() for text in block.itertext() if text.strip()), "")
    return first == str(link.text_content()).strip()


def _is_hidden(element: Any, words: int) -> bool:
    if "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")):
        return True
    if _HIDDEN_CLASS.search(element.get("class", "")):
        return True
    if element.get("aria-hidden") != "true" or _is_seen(element):
        return False
    # Pages saved with a pop-up open hide their whole article from screen readers, not from the eye.
    return len(words_of(element)) <= words / 4


def _is_seen(element: Any) -> bool:
    """Whether words of a sentence are hidden from screen readers alone, which are given them elsewhere: a drop cap."""
    if element.tag not in _INLINE or _ICON_CLASS.search(element.get("class", "")) or _block_of_text(element) is None:
        return False
    letters = _letters(element)
    siblings = [other for other in (element.getprevious(), element.getnext()) if other is not None]
    return letters != "" and not any(
        other.tag == "math" or other.find(".//math") is not None or _is_shown_twin(other, letters) for other in siblings
    )


def _is_shown_twin(element: Any, letters: str) -> bool:
    return _letters(element) == letters and not _HIDDEN_CLASS.search(element.get("class", ""))


def _letters(element: Any) -> str:
    return "".join(c for c in element.text_content() if c.isalnum())


def _block_of_text(element: Any) -> Any:
    """The paragraph, heading, item or cell that an inline element stands in; None where that is another block."""
    for ancestor in element.iterancestors():
        if ancestor.tag in _OF_TEXT:
            return ancestor
        if ancestor.tag in BLOCK_TAGS:
            return None
    return None


def _is_word(button: Any) -> bool:
    """Whether a button is a word of a sentence that goes on after it, or all that a heading says."""
    block = _block_of_text(button)
    if block is None or not _letters(button):
        return False
    if _GOES_ON.match(_text_after(button, block)):
        return True
    return block.tag in HEADINGS and words_of(block) == words_of(button)


def _text_after(element: Any, block: Any) -> str:
    """What stands after an element in its block, from the next word on."""
    while element is not block:
        if text := (element.tail or "").strip():
            return text
        for sibling in islice(element.itersiblings(), _NEAR):
            if sibling.tag == "br" or sibling.tag in BLOCK_TAGS:
                return ""
            if text := sibling.text_content().strip() or (sibling.tail or "").strip():
                return str(text)
        element = element.getparent()
    return ""


def _write_out(formula: Any) -> None:
    """The words and signs of a formula in a sentence, in the place of its markup."""
    signs = [text.strip() for leaf in formula.iter("mi", "mn", "mo", "ms", "mtext") for text in leaf.itertext()]
    tail = formula.tail
    formula.clear()
    formula.tag, formula.tail = "span", tail
    formula.text = " ".join(sign for sign in signs if sign)
