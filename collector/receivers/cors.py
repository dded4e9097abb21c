"""Cross-origin requests: which web pages may send spans. Off unless origins are configured."""

from __future__ import annotations

from aiohttp import web

from collector.receivers.config import CorsConfig

__all__ = ["Cors"]


class Cors:
    """Answers preflights and marks answers, as https://fetch.spec.whatwg.org asks."""

    def __init__(self, config: CorsConfig) -> None:
        self._origins = frozenset(config.allowed_origins)
        self._headers = ", ".join(("Content-Type", "Content-Encoding", *config.allowed_headers))
        self._max_age = str(config.max_age_s)

    def is_preflight(self, request: web.BaseRequest) -> bool:
        """Return whether ``request`` is the preflight of an allowed page."""
        return (
            request.method == "OPTIONS"
            and "Access-Control-Request-Method" in request.headers
            and self._is_allowed(request.headers.get("Origin"))
        )

    def preflight(self) -> web.Response:
        """Return the answer to a preflight; ``allow`` adds the origin."""
        return web.Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": self._headers,
                "Access-Control-Max-Age": self._max_age,
            },
        )

    def allow(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Let the page that sent ``request`` read ``response``, if its origin is allowed."""
        if not self._origins:
            return
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin is not None and self._is_allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin

    def _is_allowed(self, origin: str | None) -> bool:
        return origin is not None and (origin in self._origins or "*" in self._origins)
