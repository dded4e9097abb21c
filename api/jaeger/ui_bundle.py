"""A built Jaeger UI on disk, as Jaeger's own query service hands it out.

Jaeger fills its index page by searching and replacing (jaeger-api §9), so that one build of the UI
runs anywhere; so do we.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from api.static_files import StaticFile, UiUnavailable, listed, script_digests

__all__ = ["UiBundle", "filled_version", "version_json"]

_CAPABILITIES = {
    "archiveStorage": False,
    "metricsStorage": True,
    "searchWithoutServiceName": True,
    "aiAssistant": False,
}

_BASE = re.compile(r'<base href="[^"]*"\s+data-inject-target="BASE_URL"')
_HEAD = re.compile(r"<head[^>]*>")


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
        """Read the index page and list the files.

        ``version`` is of Spanloom. Raises UiUnavailable.
        """
        try:
            page = (folder / "index.html").read_text(encoding="utf-8")
            files = listed(folder)
        except (OSError, UnicodeError) as error:
            raise UiUnavailable(
                f"query.jaeger.ui: {folder} is no built Jaeger UI, which has an index.html: {error}"
            ) from error
        page = _filled(page, base_path, None if config_file is None else _config(config_file))
        page = filled_version(page, version)
        base = f'<base href="{base_path}/" data-inject-target="BASE_URL" />'
        base_page = page
        if not _BASE.search(page):
            # Newer pages find their base in the address, and need a final slash for that.
            base_page = _HEAD.sub(lambda head: head[0] + base, page, count=1)
        return cls(page.encode(), base_page.encode(), script_digests(page), files)


def version_json(version: str) -> str:
    """Return Jaeger's version object; Kiali reads it up to the first semicolon."""
    return _inline({"gitCommit": "", "gitVersion": version.replace(";", ""), "buildDate": ""})


def filled_version(page: str, version: str) -> str:
    """Return the page with the line that Kiali reads our version from (kiali-backend §2)."""
    return page.replace(
        "JAEGER_VERSION = DEFAULT_VERSION;", f"JAEGER_VERSION = {version_json(version)};"
    )


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
