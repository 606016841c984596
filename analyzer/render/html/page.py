"""Renders the page: reports in, HTML out. Everything a page needs stands in it, and it may fetch nothing.

The templates escape by default. The content security policy allows exactly the style and the scripts of this
package, by hash, so that nothing a document says could run even where it got past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analyzer.render.html.article import blocks_of
from analyzer.render.html.conclusions import conclusions_of
from analyzer.render.html.data import document_data, shared_words
from analyzer.render.html.paragraphs import miniature_of, rows_of
from analyzer.render.html.summary import name_of, overview_row, summary_of
from analyzer.render.plain import plain
from analyzer.render.words import percent
from analyzer.report import Report

_STYLES = ("colours", "page", "article", "conclusions", "card", "paragraphs", "print")
_SCRIPTS = (
    "solver",
    "words",
    "dom",
    "figures",
    "text",
    "card",
    "graph",
    "conclusions",
    "whatif",
    "miniature",
    "main",
)


def render(reports: Sequence[Report], *, quiet: bool = False, home: str | None = None) -> str:
    """The page of these reports; with `quiet`, only a table of one line a document.

    `home` is the address of the form that the reports were asked for with, where a server serves the page.
    """
    documents = [] if quiet else [_document(report, f"d{number}") for number, report in enumerate(reports)]
    titles = [name_of(report) for report in reports]
    several = quiet or len(reports) > 1
    template = _environment().get_template("page.html")
    return template.render(
        title=titles[0] if len(titles) == 1 else f"{len(titles)} documents",
        home=home,
        policy=content_security_policy(),
        style=Markup(_style()),
        layout=Markup(_layout_library()),
        script=Markup(_script()),
        words=shared_words(),
        documents=documents,
        overview=[overview_row(report, f"d{n}") for n, report in enumerate(reports)] if several else [],
    )


@cache
def content_security_policy() -> str:
    """The policy that the page declares; a server that serves the page may send it as a header, and add to it."""
    scripts = " ".join(hash_of(text) for text in (_layout_library(), _script()))
    return (
        f"default-src 'none'; style-src {hash_of(_style())}; script-src {scripts}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _document(report: Report, prefix: str) -> dict[str, object]:
    return {
        "prefix": prefix,
        "name": name_of(report),
        "report": report,
        "summary": summary_of(report),
        "blocks": blocks_of(report),
        "conclusions": conclusions_of(report),
        "rows": rows_of(report),
        "miniature": miniature_of(report),
        "data": document_data(report),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("analyzer.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "percent": percent}
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


@cache
def _style() -> str:
    return "\n".join(asset("style", f"{name}.css") for name in _STYLES)


@cache
def _script() -> str:
    """The modules in one closure: each may use what stands before it."""
    return '"use strict";\n(() => {\n' + "\n".join(asset("script", f"{name}.js") for name in _SCRIPTS) + "})();\n"


@cache
def _layout_library() -> str:
    return asset("vendor", "dagre.min.js")


def asset(folder: str, name: str) -> str:
    """The text of a style or script of this package."""
    return files("analyzer.render.html").joinpath(folder, name).read_text(encoding="utf-8")


def hash_of(text: str) -> str:
    """A style or script as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
