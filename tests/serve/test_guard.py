"""Who may talk to the server, and what it says about its answers."""

from __future__ import annotations

import httpx
import pytest

from tests.serve.conftest import Server, StartServer

TEXT = {"text": "It was a mistake."}


def port_of(server: Server) -> str:
    return server.url.rsplit(":", 1)[1]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_computer_are_served(client: httpx.Client, server: Server, name: str) -> None:
    assert client.get("/", headers={"host": f"{name}:{port_of(server)}"}).status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1", "[", "a@localhost", ""]
)
def test_any_other_name_is_refused_so_that_no_site_can_rebind_its_own(client: httpx.Client, name: str) -> None:
    page = client.get("/", headers={"host": name})
    assert page.status_code == 421 and "<form" not in page.text
    answer = client.post("/api/analyze", json=TEXT, headers={"host": name})
    assert answer.status_code == 421 and answer.headers["content-type"] == "application/problem+json"


def test_a_server_for_others_goes_by_its_addresses_but_by_no_foreign_name(start_server: StartServer) -> None:
    server = start_server("--host", "0.0.0.0")
    server.url = f"http://127.0.0.1:{port_of(server)}"
    assert any("warning" in line for line in server.errors)
    with server.client() as client:
        assert client.get("/", headers={"host": "192.0.2.1:80"}).status_code == 200
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
@pytest.mark.parametrize("path", ["/api/analyze", "/report"])
def test_another_site_cannot_make_it_work(client: httpx.Client, headers: dict[str, str], path: str) -> None:
    answer = client.post(path, data=TEXT, files={"file": ("", b"")}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith(
        "application/problem+json" if path.startswith("/api") else "text/html"
    )


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_page_can(client: httpx.Client, server: Server, site: str) -> None:
    assert client.post("/api/analyze", json=TEXT, headers={"sec-fetch-site": site}).status_code == 200
    assert client.post("/api/analyze", json=TEXT, headers={"origin": server.url}).status_code == 200


def test_every_answer_has_the_safe_headers_and_none_invites_other_sites(client: httpx.Client) -> None:
    answers = [
        client.get("/"),
        client.get("/api"),
        client.get("/openapi.json"),
        client.get("/static/serve.js"),
        client.get("/favicon.ico"),
        client.get("/nothing"),
        client.get("/report"),
        client.get("/", headers={"host": "evil.example"}),
        client.post("/report", data=TEXT, files={"file": ("", b"")}),
        client.post("/report", data={"text": ""}, files={"file": ("", b"")}),
        client.post("/api/analyze", json=TEXT, headers={"origin": "http://evil.example"}),
        client.options("/api/analyze", headers={"origin": "http://evil.example"}),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        # With "no-referrer", a browser would send our own form as one from nowhere: with "Origin: null".
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy
        assert not [name for name in answer.headers if name.startswith("access-control") or name == "server"]


def test_static_files_are_only_those(client: httpx.Client) -> None:
    for path in ("/static/", "/static/../pages.py", "/static/%2e%2e/pages.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404
