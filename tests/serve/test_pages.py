"""The pages in a real browser: with the mouse, with the keyboard alone, without scripts, and under attack."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLES
from tests.serve.conftest import Server, StartServer
from tests.serve.test_limits import LONG

TEXT = "Rates went up by 9 percent, critics say. It is therefore time for the council to resign."
COLUMN = EXAMPLES / "opinion-column.md"


@pytest.fixture
def browser(chromium: Any, server: Server) -> Iterator[Any]:
    """Chromium on the form; afterwards no page has complained in the console or asked any other server for anything."""
    chromium.get_log("browser"), chromium.get_log("performance")
    chromium.get(f"{server.url}/")
    yield chromium
    complaints = [entry for entry in chromium.get_log("browser") if "status of 4" not in entry["message"]]
    assert complaints == []
    for entry in chromium.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            assert message["params"]["request"]["url"].startswith((server.url, "data:", "chrome:", "chrome-untrusted:"))


def by_id(browser: Any, name: str) -> Any:
    return browser.find_element("id", name)


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the page did not get there"
        time.sleep(0.05)


def is_report(browser: Any) -> bool:
    return bool(browser.title.endswith("how it argues") and browser.find_elements("css selector", ".document"))


def press(browser: Any, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def focused(browser: Any) -> str:
    return str(browser.switch_to.active_element.get_attribute("id"))


def test_a_pasted_text_gets_its_report_in_the_same_tab_and_a_way_back(browser: Any, server: Server) -> None:
    by_id(browser, "text").send_keys(TEXT)
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    assert "council to resign" in browser.find_element("tag name", "main").text
    assert len(browser.window_handles) == 1
    browser.find_element("link text", "Analyse another document").click()
    wait_for(lambda: browser.current_url == f"{server.url}/")
    assert by_id(browser, "text").get_attribute("value") == ""


def test_the_form_works_on_another_computer(chromium: Any, start_server: StartServer) -> None:
    """Over plain http from elsewhere a browser does not say that a form is of the same site: its origin must."""
    port = start_server("--host", "0.0.0.0").url.rsplit(":", 1)[1]
    chromium.get(f"http://192.0.2.1:{port}/")
    by_id(chromium, "text").send_keys(TEXT)
    by_id(chromium, "go").click()
    wait_for(lambda: is_report(chromium))


def test_back_from_a_report_finds_the_text_again_and_nothing_waiting(browser: Any) -> None:
    by_id(browser, "text").send_keys(TEXT)
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    browser.back()
    wait_for(lambda: browser.find_elements("id", "text"))
    assert by_id(browser, "text").get_attribute("value") == TEXT
    assert by_id(browser, "go").is_enabled() and not by_id(browser, "busy").is_displayed()


def test_the_report_page_works_under_the_policy_it_is_served_with(browser: Any) -> None:
    by_id(browser, "file").send_keys(str(COLUMN))
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    from selenium.webdriver import Keys

    conclusion = browser.find_element("css selector", ".conclusions button")
    conclusion.send_keys(Keys.ENTER)
    wait_for(lambda: conclusion.get_attribute("aria-expanded") == "true")
    wait_for(lambda: browser.find_elements("css selector", ".conclusions svg .body"))
    ground = browser.find_element("tag name", "body").value_of_css_property("background-color")
    assert ground not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")


def test_the_keyboard_alone_is_enough(browser: Any) -> None:
    from selenium.webdriver import Keys

    assert focused(browser) == "text"
    press(browser, "The regulators have been captured. So it goes.", Keys.TAB)
    assert focused(browser) == "file"
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.tag_name == "summary"
    press(browser, Keys.ENTER, Keys.TAB)
    assert focused(browser) == "conclusions"
    press(browser, "regulatory capture", Keys.TAB)
    assert focused(browser) == "vague_credit"
    press(browser, Keys.TAB)
    assert focused(browser) == "go"
    press(browser, Keys.ENTER)
    wait_for(lambda: is_report(browser))
    assert "captured" in browser.find_element("css selector", ".conclusions").text
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.text == "Analyse another document"


def test_control_and_enter_in_the_text_sends_it(browser: Any) -> None:
    from selenium.webdriver import Keys

    by_id(browser, "text").send_keys(TEXT, Keys.CONTROL, Keys.ENTER)
    wait_for(lambda: is_report(browser))


def test_without_scripts_the_form_works_as_it_is(browser: Any, server: Server) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{server.url}/")
        assert "anywhere on this page" not in browser.find_element("tag name", "main").text
        by_id(browser, "file").send_keys(str(COLUMN))
        by_id(browser, "go").click()
        wait_for(lambda: is_report(browser))
        assert "Our libraries" in browser.title
        browser.get(f"{server.url}/")
        by_id(browser, "go").click()
        wait_for(lambda: browser.find_elements("css selector", ".problem"))
        assert "neither a text nor a file" in browser.find_element("css selector", ".problem").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def drop(browser: Any, *paths: Path) -> None:
    """Drag files from outside over the page and let go of them."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def test_a_file_dropped_anywhere_is_taken_and_can_be_taken_out_again(browser: Any) -> None:
    drop(browser, COLUMN)
    wait_for(lambda: by_id(browser, "remove").is_displayed())
    assert by_id(browser, "file").get_attribute("value").endswith("opinion-column.md")
    by_id(browser, "remove").click()
    assert by_id(browser, "file").get_attribute("value") == "" and not by_id(browser, "remove").is_displayed()
    drop(browser, COLUMN, EXAMPLES / "news-report.md")
    wait_for(lambda: by_id(browser, "complaint").is_displayed())
    assert "single file" in by_id(browser, "complaint").text
    drop(browser, COLUMN)
    wait_for(lambda: by_id(browser, "remove").is_displayed())
    assert not by_id(browser, "complaint").is_displayed()
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    assert "Our libraries" in browser.title


def test_a_form_that_cannot_be_right_is_not_sent(browser: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"The river rose. " * 700_000)
    by_id(browser, "go").click()
    assert "Paste a text" in by_id(browser, "complaint").text
    by_id(browser, "file").send_keys(str(large))
    assert "10 MB" in by_id(browser, "complaint").text
    by_id(browser, "go").click()
    assert "10 MB" in by_id(browser, "complaint").text
    by_id(browser, "remove").click()
    by_id(browser, "file").send_keys(str(COLUMN))
    by_id(browser, "text").send_keys(TEXT)
    by_id(browser, "go").click()
    assert "a text and a file" in by_id(browser, "complaint").text
    assert by_id(browser, "go").is_enabled()


def test_a_file_that_is_too_large_is_explained_by_the_server_too(
    chromium: Any, start_server: StartServer, tmp_path: Path
) -> None:
    small = start_server("--max-bytes", "100000")
    large = tmp_path / "large.txt"
    large.write_bytes(b"The river rose. " * 40_000)
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chromium.get(f"{small.url}/")
        by_id(chromium, "file").send_keys(str(large))
        by_id(chromium, "go").click()
        wait_for(lambda: chromium.find_elements("css selector", ".problem"))
        assert "larger than 100 kB" in chromium.find_element("css selector", ".problem").text
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_problem_keeps_what_was_filled_in(browser: Any) -> None:
    markup = "\n</textarea><script>document.title = 'owned'</script>\n\nIt was a mistake."
    browser.execute_script("arguments[0].value = arguments[1]", by_id(browser, "text"), markup)
    browser.find_element("tag name", "summary").click()
    by_id(browser, "conclusions").send_keys("is it")
    by_id(browser, "go").click()
    wait_for(lambda: browser.find_elements("css selector", ".problem"))
    assert "is it" in browser.find_element("css selector", ".problem").text
    assert browser.title.startswith("Not analysed")
    assert by_id(browser, "text").get_attribute("value") == markup
    assert by_id(browser, "conclusions").get_attribute("value") == "is it"


def test_an_analysis_shows_that_it_is_under_way_and_can_be_stopped(browser: Any) -> None:
    browser.execute_script("arguments[0].value = arguments[1]", by_id(browser, "text"), LONG["text"])
    # The driver waits for a page that is being left, so the page itself looks, and stops.
    browser.execute_script(
        """
        const by = (id) => document.getElementById(id);
        const look = () => [by("busy").checkVisibility(), by("elapsed").textContent, by("go").disabled];
        setTimeout(() => by("go").click(), 50);
        setTimeout(() => { window.seen = look(); by("stop").click(); }, 1000);
        """
    )
    time.sleep(1.2)
    assert browser.execute_script("return window.seen") == [True, "Analysing …", True]
    wait_for(lambda: not by_id(browser, "busy").is_displayed())
    assert by_id(browser, "go").is_enabled() and focused(browser) == "go"
    # The server has stopped as well: the next document does not wait for the first to end.
    browser.execute_script("arguments[0].value = arguments[1]", by_id(browser, "text"), TEXT)
    started = time.monotonic()
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    assert time.monotonic() - started < 12


def test_markup_in_a_document_is_only_text(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.md"
    path.write_text(
        "It was <script>document.title = 'owned'</script> a mistake. <img src=http://example.com/x onerror=alert(1)> "
        "</script><script>document.title = 'owned'</script> It is therefore time for the council to resign."
    )
    by_id(browser, "file").send_keys(str(path))
    by_id(browser, "go").click()
    wait_for(lambda: is_report(browser))
    assert "owned" not in browser.title


def test_the_page_for_programs_shows_the_interface_of_this_server(browser: Any, server: Server) -> None:
    browser.find_element("link text", "For programs").click()
    wait_for(lambda: browser.current_url.endswith("/api"))
    text = browser.find_element("tag name", "main").text
    assert f"{server.url}/api/analyze" in text and "vague_credit" in text and "503" in text
    browser.get(f"{server.url}/nothing")
    assert "nothing at this address" in browser.find_element("tag name", "main").text.lower()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("path", ["/", "/api"])
def test_no_page_scrolls_sideways(browser: Any, server: Server, width: int, path: str) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        browser.get(server.url + path)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def other_site(tmp_path: Path, server: Server) -> Iterator[str]:
    """The address of a page of another site that sends a form to the server as soon as it is opened."""
    page = (
        f"<form id=f action='{server.url}/report' method=post enctype=multipart/form-data>"
        f"<input name=text value='{TEXT}'></form><script>f.submit()</script>"
    )

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}/"
    site.shutdown()
    site.server_close()


def test_a_page_of_another_site_cannot_make_the_browser_send_a_document(
    chromium: Any, server: Server, other_site: str
) -> None:
    chromium.get(other_site)
    wait_for(lambda: chromium.current_url == f"{server.url}/report")
    wait_for(lambda: chromium.find_elements("tag name", "h1"))
    assert chromium.find_element("tag name", "h1").text == "Forbidden"


def test_a_site_that_rebinds_its_name_to_this_computer_gets_nothing(chromium: Any, server: Server) -> None:
    chromium.get(f"http://rebound.test:{server.url.rsplit(':', 1)[1]}/")
    assert chromium.find_element("tag name", "h1").text == "Misdirected Request"
    assert not chromium.find_elements("tag name", "form")
