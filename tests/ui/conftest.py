"""Fixtures of the web UI's tests: services of their own, and a browser that watches its pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.ui.browsing import Watch, failing
from tests.ui.served import Served, start

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SIZE: ViewportSize = {"width": 1440, "height": 900}
_PATIENCE_MS = 20_000  # a page is quick, but not on a machine whose every core runs tests

expect.set_options(timeout=_PATIENCE_MS)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with the traffic of :mod:`tests.ui.traffic`; tests only read it."""
    served = start(tmp_path_factory.mktemp("mesh") / "data")
    try:
        served.fill()
        yield served
    finally:
        served.service.kill()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that has received nothing."""
    served = start(tmp_path_factory.mktemp("empty") / "data")
    try:
        yield served
    finally:
        served.service.kill()


# Of one module: while Playwright runs it occupies the thread's event loop, and a worker's next
# module may have tests that need one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    executable = shutil.which("chromium")
    assert executable, "no chromium on PATH: install it, for example by `apt-get install chromium`"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open pages, each in a context of its own; what goes wrong on one fails the test.

    ``open_page(path, service=mesh, dark=False, language="en", errors=None, expected=())``:

    - errors: statuses by pattern (see :func:`tests.ui.browsing.failing`), from the first request.
    - expected: texts of problems, or of their URLs, that the test is about, such as a path
      that is not found.

    A problem is a console error, an exception, a request to another origin, or one that failed.
    """
    watches: list[tuple[str, Watch]] = []

    def open_one(
        path: str,
        service: Served | None = None,
        *,
        dark: bool = False,
        language: str = "en",
        errors: Mapping[str, int] | None = None,
        expected: tuple[str, ...] = (),
    ) -> Page:
        served: Served = service or request.getfixturevalue("mesh")
        context = browser.new_context(
            viewport=_SIZE, color_scheme="dark" if dark else "light", locale=language
        )
        request.addfinalizer(context.close)
        watch = Watch(served.url, expected)
        watch.over(context)
        watches.append((path, watch))
        page = context.new_page()
        for pattern, status in (errors or {}).items():
            failing(page, pattern, status)
        page.goto(served.url + path)
        return page

    yield open_one
    problems = [f"{path}: {problem}" for path, watch in watches for problem in watch.problems()]
    assert not problems, "\n".join(problems)
