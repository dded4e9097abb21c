"""A built Jaeger UI on disk, as Jaeger's own query service hands it out.

Jaeger fills its index page by searching and replacing (jaeger-api §9), so that one build of the UI
runs anywhere; so do we.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

__all__ = ["StaticFile", "UiBundle", "UiUnavailable", "version_json"]

_CAPABILITIES = {
    "archiveStorage": False,
    "metricsStorage": True,
    "searchWithoutServiceName": True,
    "aiAssistant": False,
}

_BASE = re.compile(r'<base href="[^"]*"\s+data-inject-target="BASE_URL"')
_HEAD = re.compile(r"<head[^>]*>")
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
    """The UI that the settings name cannot be served; the message says why."""


class StaticFile(NamedTuple):
    """A file of the bundle.

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


@dataclass(frozen=True, slots=True)
class UiBundle:
    """What there is to serve; the files are those that were there when it was loaded.

    Attributes:
        index: the page for every path below the base path.
        base_index: the page for the base path itself, without a final slash.
        script_digests: of the scripts in the pages, for a Content-Security-Policy.
        files: by their path below the base path, such as ``static/index-B8xQ2f.js``.
    """

    index: bytes
    base_index: bytes
    script_digests: tuple[str, ...]
    files: dict[str, StaticFile]

    @classmethod
    def load(cls, folder: Path, base_path: str, config_file: Path | None, version: str) -> UiBundle:
        """Read the index page and list the files. Raises UiUnavailable."""
        try:
            page = (folder / "index.html").read_text(encoding="utf-8")
            files = dict(_listed(folder))
        except (OSError, UnicodeError) as error:
            raise UiUnavailable(
                f"query.jaeger.ui: {folder} is no built Jaeger UI, which has an index.html: {error}"
            ) from error
        page = _filled(page, base_path, None if config_file is None else _config(config_file))
        page = page.replace("JAEGER_VERSION = DEFAULT_VERSION;", f"JAEGER_VERSION = {version};")
        base = f'<base href="{base_path}/" data-inject-target="BASE_URL" />'
        base_page = page
        if not _BASE.search(page):
            # Newer pages find their base in the address, and need a final slash for that.
            base_page = _HEAD.sub(lambda head: head[0] + base, page, count=1)
        return cls(page.encode(), base_page.encode(), tuple(_script_digests(page)), files)


def version_json(version: str) -> str:
    """Return Jaeger's version object; Kiali reads it up to the first semicolon."""
    return _inline({"gitCommit": "", "gitVersion": version.replace(";", ""), "buildDate": ""})


def _filled(page: str, base_path: str, config: object) -> str:
    base = f'<base href="{base_path}/" data-inject-target="BASE_URL"'
    page = _BASE.sub(lambda _: base, page, count=1)
    for name, value in (
        ("CONFIG", config),
        ("STORAGE_CAPABILITIES", _CAPABILITIES),
        ("BACKEND_CAPABILITIES", _CAPABILITIES),
    ):
        if value is not None:
            known = f"JAEGER_{name} = "
            page = page.replace(f"{known}DEFAULT_{name};", f"{known}{_inline(value)};")
    return page


def _config(file: Path) -> dict[str, object]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise UiUnavailable(f"query.jaeger.ui_config: {file} is no JSON object: {error}") from error


def _inline(value: object) -> str:
    """JSON that may stand in a script of a page, which ``</script>`` would end."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _script_digests(page: str) -> Iterator[str]:
    for script in _INLINE_SCRIPT.findall(page):
        digest = hashlib.sha256(script.encode()).digest()
        yield f"'sha256-{base64.b64encode(digest).decode()}'"


def _listed(folder: Path) -> Iterator[tuple[str, StaticFile]]:
    """Yield the files below ``folder`` but for hidden ones and links out of it."""
    root = folder.resolve()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        is_inside = path.resolve().is_relative_to(root)
        if not path.is_file() or not is_inside or any(part.startswith(".") for part in name.parts):
            continue
        ending = path.suffix.lower()
        yield (
            name.as_posix(),
            StaticFile(
                path,
                _TYPES.get(ending, "application/octet-stream"),
                ending in _TEXT_TYPES,
                _HASHED_NAME.search(path.name) is not None,
            ),
        )
