"""What tests do with a page: make the API fail, look for barriers, press keys, take pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    WebError,
)

__all__ = [
    "Watch",
    "assert_accessible",
    "failing",
    "focused",
    "press",
    "screenshot",
]

_ROOT = Path(__file__).resolve().parents[2]
_AXE = _ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_SCREENSHOTS = _ROOT / "build" / "screenshots"
_INJECTED = "x-failed-by-test"
_GRAVE = ("serious", "critical")

# Answered by nobody because the page no longer wanted it: navigation, or a newer search.
_ABORTED = "net::ERR_ABORTED"


@dataclass
class Watch:
    """Notes what must not happen on the pages of a context.

    Attributes:
        origin: scheme, host and port of the service; nothing may be asked of another.
        expected: texts; a problem that contains one of them, or whose URL does, is none.
    """

    origin: str
    expected: Iterable[str] = ()
    _found: list[tuple[str, str]] = field(default_factory=list)
    _injected: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Begin to watch all pages of the context."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_exception)
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_request_failed)
        context.on("response", self._on_response)

    def problems(self) -> list[str]:
        """All that was seen, but for what the test expects or injected by :func:`failing`."""
        return [
            what
            for what, url in self._found
            if url not in self._injected
            and not any(text in what or text in url for text in self.expected)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            url = message.location["url"]
            self._found.append((f"console error: {message.text} ({url})", url))

    def _on_exception(self, exception: WebError) -> None:
        self._found.append((f"exception: {exception.error}", ""))

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and (
            f"{parts.scheme}://{parts.netloc}" != self.origin
        ):
            self._found.append((f"request to another origin: {request.url}", request.url))

    def _on_request_failed(self, request: Request) -> None:
        if request.failure != _ABORTED:
            self._found.append((f"request failed: {request.url}: {request.failure}", request.url))

    def _on_response(self, response: Response) -> None:
        if _INJECTED in response.headers:
            self._injected.add(response.url)
        elif response.status >= 400:
            what = f"request failed: {response.request.method} {response.url}: {response.status}"
            self._found.append((what, response.url))


def failing(page: Page, pattern: str, status: int = 503) -> None:
    """Make the service answer an error, in the API's shape, to all that fits ``pattern``.

    Args:
        page: also one that is open already; the error comes with its next request.
        pattern: a glob of Playwright's, such as ``**/api/v1/graph*``.
        status: HTTP status of the error.
    """
    error = {
        "code": "unavailable",
        "message": "the store does not answer",
        "hint": "look at the service's log",
    }

    def answer(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={_INJECTED: "1", "content-type": "application/json"},
            body=json.dumps({"error": error}),
        )

    page.route(pattern, answer)


def assert_accessible(page: Page, *, within: str = "html") -> None:
    """Assert that axe-core finds no serious barrier by WCAG 2 A and AA.

    Args:
        page: as it is now, with whatever is open.
        within: selector of the part to look at.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_AXE.read_text())
    options = {
        "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]},
        "resultTypes": ["violations"],
    }
    found = page.evaluate(
        "([within, options]) => window.axe.run(within, options)", [within, options]
    )
    barriers = [
        f"{violation['impact']}: {violation['id']}: {violation['help']}\n  "
        + "\n  ".join(f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"])
        for violation in found["violations"]
        if violation["impact"] in _GRAVE
    ]
    assert not barriers, "\n".join(barriers)


def screenshot(page: Page, name: str) -> None:
    """Write build/screenshots/NAME-{light,dark}.png if SCREENSHOTS is set."""
    if not os.environ.get("SCREENSHOTS"):
        return
    _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.screenshot(path=_SCREENSHOTS / f"{name}-{theme}.png")


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, where the focus is: ``press(page, "Tab", "Enter")``."""
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    """What has the keyboard's focus, as a screen reader would name it; empty for nothing."""
    return str(
        page.evaluate(
            """() => {
              const element = document.activeElement;
              if (!element || element === document.body) return "";
              const label = element.getAttribute("aria-label") ??
                element.labels?.[0]?.textContent ?? element.textContent;
              return (label ?? "").trim();
            }"""
        )
    )
