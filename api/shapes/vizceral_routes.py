"""Routes of Vistio's API: the graph now or at any moment that is stored."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from http import HTTPStatus

import msgspec
from aiohttp import web

from api.errors import ApiError, ErrorBody, not_found
from api.queries import Deadline
from api.responses import JSON
from api.shapes.answers import TEXT, answer_bytes, in_dialect, open_to_all, text_error
from api.shapes.source import ShapeSource
from api.shapes.vizceral import vizceral
from model.graph.view import GraphType

__all__ = ["SNAPSHOT_S", "Vizceral"]

SNAPSHOT_S = 10
"""Seconds between snapshots, as in Vistio: within them the answer stays the same."""

_WINDOW_S = 60  # that rates are of: Vistio's queries are rates of one minute
_DELAY_S = 10  # after which a moment is shown: proxies send spans every few seconds
_KEPT_SNAPSHOTS = 16  # of a large mesh, one is some megabytes
_SECOND_NS = 1_000_000_000
_OFFSET = re.compile(r"[+-]?[0-9]{1,12}")

_CONFIG = f"""\
graphName: Spanloom
snapshotIntervalSeconds: {SNAPSHOT_S}
rateWindowSeconds: {_WINDOW_S}
status:
  warning: ^4..$
  danger: ^5..$, no response, a gRPC status other than 0, errors without a code
notices:
- name: HighErrorRate
  statusType: danger
  severityThreshold:
    error: 0.05
    warning: 0.01
"""


class Vizceral:
    """Handlers of ``/vizceral/``.

    Snapshots are kept for one interval of time, so many clients that poll every second cost one
    query each ten seconds.

    Args:
        source: makes graphs.
    """

    def __init__(self, source: ShapeSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[int, bytes]] = OrderedDict()

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes, below ``prefix``."""
        return [
            web.get(f"{prefix}/{name}", open_to_all(in_dialect(handler, text_error)))
            for name, handler in (
                ("", self.alive),
                ("graph", self.graph),
                ("config", self.config),
            )
        ]

    async def alive(self, request: web.Request) -> web.Response:
        """Say that we are here."""
        return web.Response(body=b"Alive", headers={"Content-Type": TEXT})

    async def config(self, request: web.Request) -> web.Response:
        """Tell by which numbers the graph is made."""
        return web.Response(body=_CONFIG.encode(), headers={"Content-Type": TEXT})

    async def graph(self, request: web.Request) -> web.Response:
        """Answer with the snapshot of ``offset`` seconds ago; 404 if nothing was stored then."""
        offset_s = _offset(request.query.get("offset", ""))
        now_s = self._source.now_ns() // _SECOND_NS
        moment = (now_s - offset_s - _DELAY_S) // SNAPSHOT_S * SNAPSHOT_S
        return await answer_bytes(
            request, JSON, lambda deadline: self._snapshot(moment, now_s // SNAPSHOT_S, deadline)
        )

    def _snapshot(self, moment: int, interval: int, deadline: Deadline) -> bytes:
        with self._lock:
            made_in, body = self._kept.get(moment, (-1, b""))
        if made_in != interval:
            body = self._make(moment, deadline)
            with self._lock:
                self._kept[moment] = (interval, body)
                self._kept.move_to_end(moment)
                while len(self._kept) > _KEPT_SNAPSHOTS:
                    self._kept.popitem(last=False)
        return body

    def _make(self, moment: int, deadline: Deadline) -> bytes:
        if moment < _WINDOW_S:
            raise _no_snapshot()
        window = ((moment - _WINDOW_S) * _SECOND_NS, moment * _SECOND_NS)
        graph = self._source.graph(window, GraphType.VERSIONED_APP, deadline)
        if not graph.nodes:
            raise _no_snapshot()
        return msgspec.json.encode(vizceral(graph))


def _offset(text: str) -> int:
    if not text:
        return 0
    if not _OFFSET.fullmatch(text):
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            ErrorBody(
                "invalid_parameter", f"Invalid offset ({text[:100]}): not a number of seconds"
            ),
        )
    return max(0, int(text))


def _no_snapshot() -> ApiError:
    return not_found("no_snapshot", "Failed to get snapshot: nothing is stored of that time")
