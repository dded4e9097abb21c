"""What tests find on the search page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.ui.drafts import Trace

__all__ = [
    "NO_SUCH_CODE",
    "drag",
    "field",
    "line",
    "loaded",
    "parameters",
    "row_of",
    "rows",
]

NO_SUCH_CODE = "attribute=http.status_code%3D418"
"""A condition of the address that no span meets."""


def parameters(page: Page) -> dict[str, str | list[str]]:
    """The query of the page's address; a list only where a parameter is given more than once."""
    values = parse_qs(urlsplit(page.url).query)
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def line(page: Page) -> Locator:
    """The query as one line of text."""
    return page.get_by_role("textbox", name="Query")


def field(page: Page, name: str) -> Locator:
    """A field that completes what is typed."""
    return page.get_by_role("combobox", name=name, exact=True)


def rows(page: Page) -> Locator:
    """The links to the listed traces."""
    return page.locator("[data-trace]")


def row_of(page: Page, trace: Trace) -> Locator:
    """The link to a listed trace."""
    return page.locator(f"[data-trace='{trace.trace_id}']")


def loaded(page: Page) -> Page:
    """Wait until traces are listed and the plots are drawn."""
    expect(page.get_by_role("img", name="Spans over time")).to_be_visible()
    expect(rows(page).first).to_be_visible()
    return page


def drag(page: Page, plot: str, start: float, end: float) -> None:
    """Drag over a plot from one fraction of its width to another."""
    box = page.get_by_role("img", name=plot).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], middle, steps=4)
    page.mouse.up()
