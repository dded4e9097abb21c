"""Pages and files of a web UI: listed when the service starts, and sent as browsers like them."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from aiohttp import hdrs, web

from api.queries import QUERIES, Deadline
from api.responses import MIN_GZIP_BYTES, Payload, accepts_gzip, render, respond

__all__ = [
    "StaticFile",
    "StaticFiles",
    "UiUnavailable",
    "answer_page",
    "listed",
    "script_digest",
    "script_digests",
]

_POLICY = "Content-Security-Policy"
_FOR_EVER = "public, max-age=31536000, immutable"
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc\b)[^>]*>(.*?)</script>", re.DOTALL)
_HASHED_NAME = re.compile(r"[.-](?=[\w-]*[0-9A-Z])[\w-]{8,}(?:\.chunk)?\.\w+", re.ASCII)

_TEXT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_PACKED_TYPES = {
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_TYPES = _TEXT_TYPES | _PACKED_TYPES


class UiUnavailable(Exception):
    """A UI cannot be served; the message says why, and what to do."""


class StaticFile(NamedTuple):
    """A file of a UI.

    Attributes:
        path: on disk.
        content_type: by the name's ending.
        compressible: whether gzip makes it smaller.
        immutable: its name has a digest of its content, so the content never changes.
    """

    path: Path
    content_type: str
    compressible: bool
    immutable: bool


class StaticFiles:
    """Sends files; each is read once.

    Args:
        files: by their path as :meth:`answer` takes it.
        policy: Content-Security-Policy of all; a script that is run as a worker goes by it.
    """

    def __init__(self, files: dict[str, StaticFile], policy: str) -> None:
        self._files = files
        self._policy = policy
        self._payloads: dict[tuple[str, bool], Payload] = {}

    def __contains__(self, name: str) -> bool:
        """Whether there is a file of that path."""
        return name in self._files

    async def answer(self, request: web.Request, name: str) -> web.StreamResponse:
        """Return the file. Raises web.HTTPNotFound if there is none, or none any more."""
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound
        key = name, file.compressible and accepts_gzip(request)
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
        response.headers[_POLICY] = self._policy
        return response


def answer_page(request: web.Request, page: bytes, policy: str) -> web.StreamResponse:
    """Return a small page, which is not worth a query thread, under a Content-Security-Policy."""
    gzip = len(page) >= MIN_GZIP_BYTES and accepts_gzip(request)
    response = respond(request, render([page], "text/html; charset=utf-8", gzip=gzip))
    response.headers[_POLICY] = policy
    return response


def script_digests(page: str) -> tuple[str, ...]:
    """Return the digests of the scripts that stand in a page, for a Content-Security-Policy."""
    return tuple(script_digest(script) for script in _INLINE_SCRIPT.findall(page))


def script_digest(text: str) -> str:
    """Return the digest of a script or a style, for a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def listed(folder: Path) -> dict[str, StaticFile]:
    """Return the files below ``folder`` but for hidden ones and links out of it. Raises OSError.

    Keys are their paths below it, with slashes.
    """
    root = folder.resolve()
    files = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        is_inside = path.resolve().is_relative_to(root)
        if not path.is_file() or not is_inside or any(part.startswith(".") for part in name.parts):
            continue
        ending = path.suffix.lower()
        files[name.as_posix()] = StaticFile(
            path,
            _TYPES.get(ending, "application/octet-stream"),
            ending in _TEXT_TYPES,
            _HASHED_NAME.search(path.name) is not None,
        )
    return files
