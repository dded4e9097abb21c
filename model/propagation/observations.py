"""What the doctor keeps of a window's spans: a few numbers each, over all traces and chunks.

A call that began a new trace and the request that it was made for are in two traces, so in two
chunks as likely as not: signs are looked for in everything that was gathered at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.envoy import ProxyType
from model.graph.ancestry import NONE
from model.graph.forest import build_forest
from model.graph.place import Place
from model.graph.span_columns import SpanClass, SpanColumns
from model.propagation.findings import Evidence
from model.propagation.roles import PodKey, Role, WorkloadKey, role_of, workload_key

__all__ = ["Gathering", "Observations"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
TraceIds = npt.NDArray[np.uint64]

# Character 14 of the UUID, the twelfth hex digit of its upper half: proxies rewrite it.
_REWRITTEN_DIGIT = np.uint64(0xF000)


@dataclass(frozen=True, slots=True)
class Observations:
    """Merged spans of many traces, a row a span; a trace's rows are next to each other.

    Attributes:
        trace: index in ``trace_ids`` (two big-endian halves each).
        span_id: as signed number.
        start_ns, end_ns: nanoseconds since the epoch.
        role: index in ``roles``.
        parent: row of the parent, or NONE.
        is_root: no parent was named (or it was the span itself, or a cycle).
        is_orphan: the parent that was named is not stored.
        peer_address: index in ``peer_addresses``, of which the first is the empty text.
        request_id: two big-endian halves with the rewritten digit as 0; zeros if there is none.
        judged: the trace is of the window; what is before it only explains it.
        settled: the whole trace is old enough for all its spans to have arrived.
        direction, is_listener: of the role; ``is_listener`` of the span of a sidecar's listener.
        pod: index in ``pods``; NONE when it is not known.
        workload: index in ``workloads``; ``workload_numbers`` has it by their keys.
        shares_ids: whether callees share the span ids of their callers, as B3 tracers do.
    """

    trace: Int64s
    trace_ids: TraceIds
    span_id: Int64s
    start_ns: Int64s
    end_ns: Int64s
    role: Int64s
    roles: Sequence[Role]
    parent: Int64s
    is_root: Bools
    is_orphan: Bools
    peer_address: Int64s
    peer_addresses: Sequence[str]
    request_id: TraceIds
    judged: Bools
    settled: Bools
    direction: Int64s
    is_listener: Bools
    pod: Int64s
    pods: Sequence[PodKey]
    workload: Int64s
    workloads: Sequence[Place]
    workload_numbers: Mapping[WorkloadKey, int]
    shares_ids: bool

    def __len__(self) -> int:
        return len(self.trace)

    @property
    def has_request_id(self) -> Bools:
        """Whether a span tells an ``x-request-id``."""
        found: Bools = (self.request_id[:, 0] | self.request_id[:, 1]) != 0
        return found

    def of_role(self, fact: Callable[[Role], bool]) -> Bools:
        """Return by row a fact that the role tells."""
        return np.array([fact(one) for one in self.roles], np.bool_)[self.role]

    def of_operations(self, names: Collection[str]) -> Bools:
        """Return by row whether the span's name is one of ``names``."""
        return self.of_role(lambda role: role.operation in names)

    def workload_number(self, place: Place) -> int:
        """Return the index of a workload; NONE for one that made no span here."""
        return self.workload_numbers.get(workload_key(place), NONE)

    def operation(self, row: int) -> str:
        """Return a span's name."""
        return self.roles[int(self.role[row])].operation

    def evidence(self, row: int, other: int = NONE) -> Evidence:
        """Return what names ``row``, and ``other`` if there is one."""
        return Evidence(
            trace_id=self._trace_id(row),
            span_id=self._span_id(row),
            request_id=self._request_id(row),
            other_trace_id=self._trace_id(other) if other != NONE else "",
            other_span_id=self._span_id(other) if other != NONE else "",
        )

    def _trace_id(self, row: int) -> str:
        high, low = self.trace_ids[self.trace[row]]
        return f"{int(high):016x}{int(low):016x}"

    def _span_id(self, row: int) -> str:
        return f"{int(self.span_id[row]) & 0xFFFF_FFFF_FFFF_FFFF:016x}"

    def _request_id(self, row: int) -> str:
        high, low = (int(half) for half in self.request_id[row])
        text = f"{high:016x}{low:016x}"
        if not high and not low:
            return ""
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@dataclass(slots=True)
class _Chunk:
    trace: Int64s
    trace_ids: TraceIds
    span_id: Int64s
    start_ns: Int64s
    end_ns: Int64s
    role: Int64s
    parent: Int64s
    is_orphan: Bools
    peer_address: Int64s
    request_id: TraceIds
    time_ns: Int64s
    settled: Bools


class Gathering:
    """Takes chunks of whole traces, in any order, and keeps what the signs need.

    Args:
        settled_ns: a trace that was over by then is complete.
    """

    def __init__(self, settled_ns: int) -> None:
        self._settled_ns = settled_ns
        self._chunks: list[_Chunk] = []
        self._rows = 0
        self._traces = 0
        self._roles: dict[SpanClass, int] = {}
        self._addresses: dict[str, int] = {"": 0}
        self._shares_ids = False

    def __len__(self) -> int:
        """Spans so far."""
        return self._rows

    def add(self, spans: SpanColumns) -> None:
        """Keep what is needed of ``spans``."""
        forest = build_forest(spans)
        roles = np.array(
            [self._roles.setdefault(one, len(self._roles)) for one in spans.classes], np.int64
        )
        addresses = np.array(
            [
                self._addresses.setdefault(address, len(self._addresses))
                for address in spans.peer_addresses
            ],
            np.int64,
        )
        ends_ns = np.zeros(len(spans.trace_ids), np.int64)
        np.maximum.at(ends_ns, forest.trace, forest.end_ns)
        request_id = spans.request_id[forest.row].copy()
        request_id[:, 0] &= ~_REWRITTEN_DIGIT
        self._chunks.append(
            _Chunk(
                trace=forest.trace + self._traces,
                trace_ids=spans.trace_ids,
                span_id=forest.span_id,
                start_ns=forest.start_ns,
                end_ns=forest.end_ns,
                role=roles[forest.span_class],
                parent=np.where(forest.parent == NONE, NONE, forest.parent + self._rows),
                is_orphan=forest.is_orphan,
                peer_address=addresses[spans.peer_address[forest.row]],
                request_id=request_id,
                time_ns=spans.times_ns[forest.trace],
                settled=(ends_ns <= self._settled_ns)[forest.trace],
            )
        )
        same_trace = forest.trace[1:] == forest.trace[:-1]
        same_id = forest.span_id[1:] == forest.span_id[:-1]
        self._shares_ids |= bool((same_trace & same_id).any())
        self._rows += len(forest)
        self._traces += len(spans.trace_ids)

    def observations(self, from_ns: int) -> Observations:
        """Return what was kept; traces before ``from_ns`` explain others and are not judged."""
        chunks = self._chunks
        # In an order of their own, so that nothing depends on which span came first.
        classes = sorted(self._roles, key=repr)
        roles = [role_of(one) for one in classes]
        number_of = np.zeros(len(classes), np.int64)
        number_of[[self._roles[one] for one in classes]] = np.arange(len(classes))
        pods: dict[PodKey, int] = {}
        workloads: dict[WorkloadKey, Place] = {}
        for one in roles:
            key = workload_key(one.place)
            workloads[key] = min(workloads.get(key, one.place), one.place)
        numbers = {key: number for number, key in enumerate(workloads)}
        pod = [NONE if one.pod is None else pods.setdefault(one.pod, len(pods)) for one in roles]
        workload = [numbers[workload_key(one.place)] for one in roles]
        role = number_of[_int64s([chunk.role for chunk in chunks])]
        parent = _int64s([chunk.parent for chunk in chunks])
        is_orphan = _bools([chunk.is_orphan for chunk in chunks])
        sidecar = [one.proxy is ProxyType.SIDECAR for one in roles]
        return Observations(
            trace=_int64s([chunk.trace for chunk in chunks]),
            trace_ids=_pairs([chunk.trace_ids for chunk in chunks]),
            span_id=_int64s([chunk.span_id for chunk in chunks]),
            start_ns=_int64s([chunk.start_ns for chunk in chunks]),
            end_ns=_int64s([chunk.end_ns for chunk in chunks]),
            role=role,
            roles=roles,
            parent=parent,
            is_root=(parent == NONE) & ~is_orphan,
            is_orphan=is_orphan,
            peer_address=_int64s([chunk.peer_address for chunk in chunks]),
            peer_addresses=tuple(self._addresses),
            request_id=_pairs([chunk.request_id for chunk in chunks]),
            judged=_int64s([chunk.time_ns for chunk in chunks]) >= from_ns,
            settled=_bools([chunk.settled for chunk in chunks]),
            direction=np.array([int(one.direction) for one in roles], np.int64)[role],
            is_listener=np.array(sidecar, np.bool_)[role],
            pod=np.array(pod, np.int64)[role],
            pods=tuple(pods),
            workload=np.array(workload, np.int64)[role],
            workloads=tuple(workloads.values()),
            workload_numbers=numbers,
            shares_ids=self._shares_ids,
        )


def _int64s(parts: Sequence[Int64s]) -> Int64s:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _bools(parts: Sequence[Bools]) -> Bools:
    return np.concatenate([np.zeros(0, np.bool_), *parts])


def _pairs(parts: Sequence[TraceIds]) -> TraceIds:
    return np.concatenate([np.zeros((0, 2), np.uint64), *parts])
