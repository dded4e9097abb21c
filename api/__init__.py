"""HTTP out: the native API of Spanloom (``/api/v1``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.config import ApiConfig

if TYPE_CHECKING:
    from api.app import create_app

__all__ = ["ApiConfig", "create_app"]


def __getattr__(name: str) -> object:
    # Why late: the command line reads the settings of the API long before it serves it, and
    # prometheus_client must not be imported before the service has set its directory.
    if name == "create_app":
        from api.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
