"""The names of Word's XML in both of its namespaces, and the values and switches that stand in it.

In go elements of a part of a DOCX file, out come what they are called and what they say.
"""

from __future__ import annotations

from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Strict Open XML, which Word saves on request, has the same elements in another namespace.
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"


def tag_of(element: Any) -> str:
    """The element's name in Word's namespace; "" for any other."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if tag.startswith((_W, _STRICT)) else ""


def tags(name: str) -> tuple[str, str]:
    """The tags that elements of this name may have, to look for them."""
    return f"{_W}{name}", f"{_STRICT}{name}"


def given(element: Any, name: str) -> str:
    """An attribute of the element; "" where it is not given."""
    return str(element.get(f"{_W}{name}", element.get(f"{_STRICT}{name}", "")))


def value_at(element: Any, *path: str) -> str | None:
    """The `w:val` of the descendant at `path`; None if there is none."""
    for step in path:
        element = next((child for child in element if tag_of(child) == step), None)
        if element is None:
            return None
    return given(element, "val")


def is_on(element: Any, *path: str) -> bool:
    """Whether the switch at `path` is there, and not there to say no."""
    return value_at(element, *path) not in (None, "0", "false", "off")
