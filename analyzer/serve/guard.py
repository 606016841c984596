"""Who may talk to the server, and the headers on all that it answers.

A local server is reachable from every web page that its user opens. So a request must name a host that is ours
(DNS rebinding), and one that makes us work must not come from another site (cross-site request forgery).
"""

from __future__ import annotations

import sys
from asyncio import CancelledError
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analyzer.errors import place_of
from analyzer.serve.problems import Problem, own_fault

CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "Content-Security-Policy": CLOSED_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no referrer at all a browser sends a form with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_STOPPING = "the server is being stopped; send the document again once it is back"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Guard:
    """The outermost layer of the application. `answer` makes a response of a problem, for a path."""

    def __init__(self, app: ASGIApp, *, host: str, answer: Callable[[str, Problem], Response]) -> None:
        """`host` is the address that the server is bound to."""
        self._app = app
        self._host = host.lower()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it; an error of our own becomes a 500 and one line on stderr."""
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, send_guarded)
        except Problem as problem:
            await self._answer(scope["path"], problem)(scope, receive, send_guarded)
        except CancelledError:
            # The server is told to stop, and has waited long enough for what is in work.
            if not started:
                await self._answer(scope["path"], Problem(503, _STOPPING))(scope, receive, send_guarded)
            raise
        except Exception as error:
            # Only its kind and where it was: its message may quote the document.
            where = f"{scope['path']!r} ({place_of(error)})"
            print(f"analyzer: internal error: {type(error).__name__} at {where}", file=sys.stderr)
            if not started:
                await self._answer(scope["path"], own_fault())(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise Problem(421, "this server does not go by the name in the request; use the address it printed")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _same_origin(headers, scope["scheme"], host):
            raise Problem(403, "the request comes from a page of another site; use this server's own page")

    def _is_ours(self, host: str) -> bool:
        """Whether the Host header names this server; a page that rebinds its own name sends that name."""
        try:
            parts = urlsplit(f"//{host}")
        except ValueError:
            return False
        if parts.netloc != host or "@" in host:
            return False
        name = (parts.hostname or "").lower()
        if name in (*_LOOPBACK_NAMES, self._host):
            return True
        # Bound to more than this computer, it goes by any of its addresses, and an address cannot be rebound.
        return self._host not in _LOOPBACK_NAMES and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _same_origin(headers: Headers, scheme: str, host: str) -> bool:
    """Whether a request comes from our own page, or from no browser at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin == f"{scheme}://{host}"
