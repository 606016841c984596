"""The pages of the application around the report: the form, what is wrong, how the interface for programs is used.

All are drawn by templates that escape by default; style and script are files of their own, so that the policy of every
page forbids anything inline.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from analyzer import __version__
from analyzer.render import html
from analyzer.render.html.page import content_security_policy
from analyzer.serve.orders import Sent, size_in_words
from analyzer.serve.problems import Problem

STATIC = Path(__file__).parent / "static"
# The colours of the report, which the pages around it share.
LOOK = Path(html.__file__).parent / "style"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("analyzer.serve"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def _page(template: str, status: int = 200, *, headers: dict[str, str] | None = None, **values: Any) -> Response:
    content = _templates().get_template(template).render(version=__version__, **values)
    return HTMLResponse(content, status, {"Content-Security-Policy": _POLICY, **(headers or {})})


def start(sent: Sent, problem: Problem | None, *, max_bytes: int, keep_in: Path | None) -> Response:
    """The form; with a problem, its status and its reason on top."""
    return _page(
        "start.html",
        problem.status if problem else 200,
        headers=problem.headers if problem else None,
        sent=sent,
        problem=problem,
        max_bytes=max_bytes,
        max_size=size_in_words(max_bytes),
        keep_in=keep_in,
    )


def problem(problem: Problem) -> Response:
    """A page for a problem that is not about a form."""
    phrase = HTTPStatus(problem.status).phrase
    return _page("problem.html", problem.status, headers=problem.headers, problem=problem, phrase=phrase)


def api(description: dict[str, Any], base: str) -> Response:
    """How to use the interface for programs; `base` is the address of this server."""
    operation = description["paths"]["/api/analyze"]["post"]
    fields = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    return _page("api.html", base=base, operation=operation, fields=fields)


def report(page: bytes) -> Response:
    """A rendered report, under the policy that it declares."""
    policy = f"{content_security_policy()}; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


async def icon(request: Request) -> Response:
    """What browsers ask for on their own."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")
