"""What a page's text rests on outside it: links to other sites, and the notes that marks in it lead to.

In go the pieces that were kept, which have lost their links, and all that the page has, out come references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from analyzer.document import Reference
from analyzer.readers.links import host_of
from analyzer.readers.pieces import Piece
from analyzer.readers.tree import text_of

_NOTE_MARK = re.compile(r"\[[^\[\]]{1,20}\]|[*†‡§¶]{1,3}|[⁰¹²³⁴-⁹]{1,4}")
# What leads back from a note to its marks.
_BACK = re.compile(r"[\^↑]\s*(?:\[?[a-z]\]?\s+)*")
_LONGEST_NOTE = 200


def set_references(pieces: Iterable[Piece], everything: Iterable[Piece], root: Any) -> None:
    """Sets the references of kept pieces, by their words; links within the site are none."""
    links = {piece.text: piece.references for piece in everything if piece.references}
    own = host_of(_address_of(root))
    places = {element.get("id"): element for element in root.iter("*") if element.get("id")} if links else {}
    for piece in pieces:
        found = (_resolved(link, piece.text, own, places) for link in links.get(piece.text, ()))
        piece.references = [reference for reference in found if reference is not None]


def _resolved(link: Reference, text: str, own: str, places: Mapping[str, Any]) -> Reference | None:
    if link.target.startswith("#"):
        note = places.get(link.target[1:])
        is_mark = note is not None and _NOTE_MARK.fullmatch(text[link.start : link.end])
        return replace(link, target=_BACK.sub("", text_of(note), count=1)[:_LONGEST_NOTE]) if is_mark else None
    host = host_of(link.target)
    is_own = host == own or host.endswith(f".{own}") or own.endswith(f".{host}")
    return link if host and not is_own else None


def _address_of(root: Any) -> str:
    """Where the page says that it stands."""
    stated = ".//link[@rel='canonical']/@href | .//meta[@property='og:url']/@content | .//base/@href"
    return next((address for address in root.xpath(stated) if host_of(address)), "")
