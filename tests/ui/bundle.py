"""What a browser loads of the built bundle before it shows anything."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

__all__ = ["BUNDLE", "first_load", "gzipped"]

BUNDLE = Path(__file__).resolve().parents[2] / "api" / "ui" / "bundle"
_IN_PAGE = re.compile(r"""(?:src|href)="/ui/([^"]+)\"""")
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([^"']+)["']""")
"""Static imports; what ``import("…")`` names is loaded later."""


def first_load() -> list[Path]:
    """The page, what it names, and what that imports, each once."""
    page = BUNDLE / "index.html"
    assert page.is_file(), "the web UI is not built: run `make ui`"
    wanted = [BUNDLE / name for name in _IN_PAGE.findall(page.read_text())]
    found = [page]
    while wanted:
        file = wanted.pop()
        if file not in found:
            found.append(file)
            if file.suffix == ".js":
                wanted += [file.parent / name for name in _IMPORT.findall(file.read_text())]
    return found


def gzipped(files: list[Path]) -> int:
    """Bytes of the files, each gzipped."""
    return sum(len(gzip.compress(file.read_bytes())) for file in files)
