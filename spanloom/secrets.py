"""Hides the passwords of URLs in what people read: the shown configuration, errors, logs."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "hide_passwords"]

HIDDEN = "[hidden]"

# Up to the last @: a password may hold one, and hiding more than it does no harm.
_IN_AUTHORITY = re.compile(r"(://[^/@:\s]*:)\S*@")
_IN_PARAMETERS = re.compile(r"([?&][a-z_]*password=)[^&\s'\"]+", re.IGNORECASE)


def hide_passwords(text: str) -> str:
    """Return ``text`` with the passwords of all URLs in it hidden."""
    return _IN_PARAMETERS.sub(rf"\1{HIDDEN}", _IN_AUTHORITY.sub(rf"\1{HIDDEN}@", text))
