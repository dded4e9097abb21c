"""``GET /system``: asks the process, the store and the graph, and answers even if some are mute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from aiohttp import web

from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer
from api.system.arrival_checks import arrival_checks, unknown_arrivals
from api.system.document import Document, Window, system_document
from api.system.senders import senders
from api.system.state import SystemSource, SystemState
from api.system.store_checks import Evidence, store_checks
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.summary import TraceSummary
from storage.interface import GraphReader, SpanReader, StoreError

__all__ = ["SystemReport"]

_SECOND_NS = 1_000_000_000
_LOOK_BACK_NS = 3600 * _SECOND_NS
_SENDERS_NS = 900 * _SECOND_NS
_NEWEST_TRACES = 50
_STORE_TIMEOUT_S = 5.0

_NO_STORE = "the store does not answer for now"
_OF_A_PROXY = AttributeCondition("component", Comparison.EQUAL, "proxy", AttributeScope.SPAN)

T = TypeVar("T")


class SystemReport:
    """Handler of the resource.

    Args:
        source: knows the process.
        reader: the store's spans.
        graph: the store's dependency graph.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(
        self,
        source: SystemSource,
        reader: SpanReader,
        graph: GraphReader,
        now_ns: Callable[[], int],
    ) -> None:
        self._source = source
        self._reader = reader
        self._graph = graph
        self._now_ns = now_ns

    async def system(self, request: web.Request) -> web.StreamResponse:
        """``GET /system``."""
        Parameters(request.query, ())
        return await answer(request, self._report)

    def _report(self, deadline: Deadline) -> Document:
        now_ns = self._now_ns()
        state = self._source.state()
        window = _or_none(lambda: self._senders(now_ns, deadline))
        evidence = Evidence(
            now_ns,
            recent=_or_none(lambda: self._newest_traces(now_ns, deadline)),
            has_proxy_spans=_or_none(lambda: self._has_proxy_spans(now_ns, deadline)),
        )
        arrivals = (
            arrival_checks(state.receiving)
            if state.receiving is not None
            else unknown_arrivals(state.no_receiving)
        )
        return system_document(
            state,
            now_ns,
            self._graph.settled_ns(),
            window,
            [*arrivals, *store_checks(state, evidence)],
            _not_known(state, has_senders=window is not None),
        )

    def _senders(self, now_ns: int, deadline: Deadline) -> Window:
        # Settled minutes are read from rollups alone: this is asked every few seconds.
        to_ns = min(self._graph.settled_ns(), now_ns)
        from_ns = max(0, to_ns - _SENDERS_NS)
        services = self._reader.services(timeout_s=_timeout(deadline))
        operations = self._graph.operations(from_ns, to_ns, timeout_s=_timeout(deadline))
        pods = self._graph.pods(from_ns, to_ns, timeout_s=_timeout(deadline))
        return Window(from_ns, to_ns, senders(services, operations, pods))

    def _newest_traces(self, now_ns: int, deadline: Deadline) -> tuple[TraceSummary, ...]:
        return self._reader.find_traces(_last_hour(now_ns), timeout_s=_timeout(deadline)).summaries

    def _has_proxy_spans(self, now_ns: int, deadline: Deadline) -> bool:
        query = replace(_last_hour(now_ns), attributes=(_OF_A_PROXY,), limit=1)
        return bool(self._reader.find_traces(query, timeout_s=_timeout(deadline)).summaries)


def _last_hour(now_ns: int) -> TraceQuery:
    return TraceQuery(max(0, now_ns - _LOOK_BACK_NS), now_ns + 1, limit=_NEWEST_TRACES)


def _timeout(deadline: Deadline) -> float:
    return min(_STORE_TIMEOUT_S, deadline.remaining())


def _or_none(ask: Callable[[], T]) -> T | None:
    """Return what the store answers; None if it does not, which the answer's checks say."""
    try:
        return ask()
    except StoreError:
        return None


def _not_known(state: SystemState, *, has_senders: bool) -> dict[str, str]:
    """Return why members of the answer are null."""
    reasons: dict[str, str] = {}
    if state.receiving is None:
        parts = ("receivers", "received", "peers", "faults", "spool", "lag")
        reasons |= dict.fromkeys(parts, state.no_receiving)
    elif any(each.connections is None for each in state.receiving.receivers):
        reasons["receivers.connections"] = "this kernel does not list them"
    if not has_senders:
        reasons["senders"] = _NO_STORE
    if state.store.stats is None:
        reasons["store"] = _NO_STORE
    if state.store.tables is None:
        reasons["store.tables"] = _NO_STORE
    if state.retention is None:
        reasons["retention"] = "the process that answers was not told"
    if state.store.pending_minutes is None:
        reasons["rollups.pending_minutes"] = "another process keeps the rollups"
    return reasons
