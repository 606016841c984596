"""A real Chromium for tests of pages: what it shows, what it logs, and every address that it asks for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """One browser window. `driver` is Selenium's; the rest is what tests of pages ask often."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path | str, *, width: int = 1400, height: int = 950, theme: str = "light") -> None:
        """Load a file (or address) from scratch; the logs begin anew."""
        self.look(width=width, height=height, theme=theme)
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(page.as_uri() if isinstance(page, Path) else page)

    def look(self, *, width: int, height: int = 950, theme: str = "light", media: str = "", motion: str = "") -> None:
        """Set the size of the window and the media features that a page can ask for."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def js(self, script: str, *arguments: Any) -> Any:
        """The result of a script's `return`."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        """The first element for a CSS selector."""
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """All elements for a CSS selector."""
        return list(self.driver.find_elements("css selector", selector))

    def shown(self, selector: str) -> str:
        """The visible text of the first element for a CSS selector."""
        return str(self.find(selector).text)

    def open_argument(self) -> None:
        """Open the first conclusion that has premises, and so a graph."""
        for button in self.all(".conclusion h3 button"):
            self.js("arguments[0].click()", button)
            if self.all(".drawing"):
                return
        raise AssertionError("no conclusion of the page has premises")

    def press(self, *keys: str) -> None:
        """Press keys, one after another, on whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def point_at(self, element: Any) -> None:
        """Move the mouse over an element."""
        from selenium.webdriver.common.action_chains import ActionChains

        self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        ActionChains(self.driver).move_to_element(element).perform()

    def wait(self, condition: str, *arguments: Any) -> None:
        """Wait until a script returns something true; fails after 5 seconds."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 5, poll_frequency=0.03).until(lambda _: self.js(f"return {condition}", *arguments))

    def console(self) -> list[str]:
        """What the page has logged since it was opened, errors of any kind included."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Every address that the page has asked for since it was opened, its own first."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if url != "about:blank" and not url.startswith("data:")]


def _patient(driver: Any) -> Callable[[str], None]:
    """The driver's `get`, which on a busy machine may return while the page before is still there, and a wait for the
    whole of the new one.
    """
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.ui import WebDriverWait

    get = driver.get
    wait = WebDriverWait(driver, 60, poll_frequency=0.03, ignored_exceptions=[WebDriverException])
    is_there = "return !window.isBefore && document.readyState === 'complete'"

    def patient_get(address: str) -> None:
        driver.execute_script("window.isBefore = true")
        get(address)
        wait.until(lambda _: driver.execute_script(is_there))

    return patient_get


@contextmanager
def chromium(profile: Path, *arguments: str) -> Iterator[Browser]:
    """Start a browser with a fresh profile and further command-line arguments; skips the test where Chromium or Selenium is not installed."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (extra test)")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*_ARGUMENTS, *arguments, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    started.get = _patient(started)
    try:
        yield Browser(started)
    finally:
        started.quit()
