"""Jaeger's pages: a built Jaeger UI if one is installed, else a page that says what is here."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from aiohttp import hdrs, web

from api.jaeger.backend import Route
from api.jaeger.config import JaegerConfig
from api.jaeger.index_page import IndexPage
from api.jaeger.ui_bundle import StaticFile, UiBundle, version_json
from api.queries import QUERIES, Deadline
from api.responses import MIN_GZIP_BYTES, Payload, accepts_gzip, render, respond
from api.shapes.answers import HTML

__all__ = ["UiPages"]

_POLICY = "Content-Security-Policy"
_ROOT_PATHS = ("/", "/search", "/trace/{trace_id}")
_FOR_EVER = "public, max-age=31536000, immutable"


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
                version_json(version),
            )
        self._page = IndexPage(config.base_path, has_ui=bool(config.ui), version=version)
        digests = self._bundle.script_digests if self._bundle else ()
        self._ui_policy = _ui_policy(digests)
        self._file_policy = _ui_policy((*digests, "'unsafe-eval'"))
        self._page_policy = (
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
            f"style-src {_digest(self._page.style)}; script-src {_digest(self._page.script)}"
        )
        self._payloads: dict[tuple[str, bool], Payload] = {}

    def routes(self) -> list[Route]:
        """Return the routes with their whole paths, to be added after all others.

        Below the base path they take every path, for the views of a UI. The root is shared with
        other APIs: there, only a UI that is installed at the root takes every path.
        """
        base = self._base_path
        routes: list[Route] = [(hdrs.METH_GET, path, self.at_root) for path in _ROOT_PATHS]
        if base or self._bundle:
            routes = [(hdrs.METH_GET, base + "/{rest:.*}", self.below), *(routes if base else ())]
        if base:
            routes.insert(0, (hdrs.METH_GET, base, self.below))
        return routes

    async def at_root(self, request: web.Request) -> web.StreamResponse:
        """``/``, which Kiali asks when it is configured without a path, and links of Jaeger's."""
        return await self._answer_page(request)

    async def below(self, request: web.Request) -> web.StreamResponse:
        """Any path below the base path: a file of the UI, else the page that shows all views."""
        path = request.path.removeprefix(self._base_path)
        if path.startswith("/api/"):
            raise web.HTTPNotFound
        if self._bundle is None:
            return await self._answer_page(request)
        file = self._bundle.files.get(path.removeprefix("/"))
        if file is None or path == "/index.html":
            index = self._bundle.index if path else self._bundle.base_index
            return await self._answer(request, index, HTML, self._ui_policy)
        return await self._answer_file(request, file)

    async def _answer_page(self, request: web.Request) -> web.StreamResponse:
        page = self._page.page(request.path.removeprefix(self._base_path))
        return await self._answer(request, page, HTML, self._page_policy)

    async def _answer(
        self, request: web.Request, body: bytes, content_type: str, policy: str
    ) -> web.StreamResponse:
        gzip = len(body) >= MIN_GZIP_BYTES and accepts_gzip(request)
        response = respond(request, render([body], content_type, gzip=gzip))
        response.headers[_POLICY] = policy
        return response

    async def _answer_file(self, request: web.Request, file: StaticFile) -> web.StreamResponse:
        key = str(file.path), file.compressible and accepts_gzip(request)
        payload = self._payloads.get(key)
        if payload is None:

            def read(_: Deadline) -> Payload:
                return render([file.path.read_bytes()], file.content_type, gzip=key[1])

            try:
                payload = await request.app[QUERIES].run(read)
            except FileNotFoundError as error:
                raise web.HTTPNotFound from error
            self._payloads[key] = payload
        response = respond(request, payload)
        if file.immutable:
            response.headers[hdrs.CACHE_CONTROL] = _FOR_EVER
        # A script that is run as a worker goes by the policy that it comes with.
        response.headers[_POLICY] = self._file_policy
        return response


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


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
