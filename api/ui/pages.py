"""The pages of the web UI, which are one file, and the files that it loads."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from api.jaeger.ui_bundle import filled_version
from api.static_files import StaticFiles, UiUnavailable, answer_page, listed, script_digests

__all__ = ["PATHS", "WebUi"]

_BUNDLE = Path(__file__).parent / "bundle"

PATHS = (
    "/",
    "/search",
    "/graph",
    "/services",
    "/services/{name}",
    "/compare",
    "/propagation",
    "/system",
    "/trace/{trace_id}",
    "/request/{x_request_id}",
)
"""Where pages are; ``ui/src/app/pages.ts`` says which page is where."""


class WebUi:
    """Handlers of the pages and their files.

    Args:
        version: of Spanloom.
        bundle: what ``ui/`` was built to. It is read once: start again after a build.

    Raises UiUnavailable if it was not built.
    """

    def __init__(self, version: str, bundle: Path = _BUNDLE) -> None:
        try:
            page = (bundle / "index.html").read_text(encoding="utf-8")
            files = listed(bundle)
        except OSError as error:
            raise UiUnavailable(
                f"the web UI is not built ({error}); in a checkout, run `make ui`"
            ) from error
        page = filled_version(page, version)
        self._page = page.encode()
        # uPlot and cytoscape make styles of their own.
        self._policy = "; ".join(
            (
                "default-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                " ".join(("script-src 'self'", *script_digests(page))),
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self'",
                "connect-src 'self'",
            )
        )
        self._files = StaticFiles(files, self._policy)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: the page wherever the UI has one, its files below ``/ui/``."""
        pages = (web.get(path, self.page) for path in PATHS)
        return [*pages, web.get("/ui/{file:.+}", self.file)]

    def for_people(self) -> Middleware:
        """Return a middleware: a browser that goes where nothing is gets the page, with 404.

        The page says so, and has the way to the others.
        """

        @web.middleware
        async def lead(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPNotFound:
                is_known = request.match_info.route.resource is not None
                if is_known or "text/html" not in request.headers.get(hdrs.ACCEPT, ""):
                    raise
                response = await self.page(request)
                response.set_status(HTTPStatus.NOT_FOUND)
                return response

        return lead

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page; its script shows what the address names."""
        return answer_page(request, self._page, self._policy)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A script, a style or an image."""
        return await self._files.answer(request, request.match_info["file"])
