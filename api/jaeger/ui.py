"""Jaeger's pages: a built Jaeger UI if one is installed, else a page that says what is here."""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web

from api.jaeger.backend import Route
from api.jaeger.config import JaegerConfig
from api.jaeger.index_page import IndexPage
from api.jaeger.ui_bundle import UiBundle
from api.static_files import StaticFiles, answer_page, script_digest

__all__ = ["UiPages"]


class UiPages:
    """Handlers of the pages.

    Args:
        config: names the UI's directory. It is read once: start again after an update.
        version: of Spanloom.

    Raises UiUnavailable if the settings name a UI that is not there.
    """

    def __init__(self, config: JaegerConfig, version: str) -> None:
        self._base_path = config.base_path
        self._bundle: UiBundle | None = None
        if config.ui:
            self._bundle = UiBundle.load(
                Path(config.ui).expanduser(),
                config.base_path,
                Path(config.ui_config).expanduser() if config.ui_config else None,
                version,
            )
        self._page = IndexPage(config.base_path, version=version)
        digests = self._bundle.script_digests if self._bundle else ()
        self._ui_policy = _ui_policy(digests)
        self._page_policy = (
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
            f"style-src {script_digest(self._page.style)}; "
            f"script-src {script_digest(self._page.script)}"
        )
        self._files = StaticFiles(
            self._bundle.files if self._bundle else {}, _ui_policy((*digests, "'unsafe-eval'"))
        )

    def routes(self) -> list[Route]:
        """Return the routes with their whole paths, to be added after all others.

        Below the base path they take every path, for the views of a UI. The root is Spanloom's own,
        but for a Jaeger UI that is installed there.
        """
        base = self._base_path
        if not base and self._bundle is None:
            return []
        every: Route = hdrs.METH_GET, base + "/{rest:.*}", self.below
        return [(hdrs.METH_GET, base, self.below), every] if base else [every]

    async def below(self, request: web.Request) -> web.StreamResponse:
        """Any path below the base path: a file of the UI, else the page that shows all views."""
        path = request.path.removeprefix(self._base_path)
        if path.startswith("/api/"):
            raise web.HTTPNotFound
        if self._bundle is None:
            return answer_page(request, self._page.page(path), self._page_policy)
        name = path.removeprefix("/")
        if name not in self._files or path == "/index.html":
            index = self._bundle.index if path else self._bundle.base_index
            return answer_page(request, index, self._ui_policy)
        return await self._files.answer(request, name)


def _ui_policy(scripts: tuple[str, ...]) -> str:
    """What Jaeger UI needs: styles made by scripts, images in data, workers in blobs.

    It may be framed, for its embedded mode.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "base-uri 'self'",
            " ".join(("script-src 'self' blob: 'wasm-unsafe-eval'", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
        )
    )
