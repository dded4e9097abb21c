"""B4 and B7: what the address of a caller says, against what the trace says of the call."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from model.envoy import ProxyType
from model.graph.ancestry import NONE, nearest
from model.graph.directions import Direction
from model.graph.place import Place, PlaceKind
from model.propagation.advice import counted, label, percent
from model.propagation.findings import Confidence, Finding, OperationPair, Severity, Sign
from model.propagation.grouping import distinct
from model.propagation.lost_context import EVIDENCE
from model.propagation.observations import Observations
from model.propagation.pod_map import PodMap
from model.propagation.roles import PodName, WorkloadKey, workload_key
from model.propagation.serving import Serving

__all__ = ["Callers", "find_callers"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ENOUGH_CASES = 5
_NEARLY_ALL = 0.95


class Callers:
    """What the requests of a window tell of their callers.

    Attributes:
        requests: rows of judged, settled requests that came from a pod of the mesh.
        pod: of each, the index of that pod in the pod map.
        tree_caller: of each, the row of the nearest span of another pod above it, or NONE.
        silent: whether the calling pod reports no call for it (B4).
        disagrees: whether the trace names another pod as the caller (B7).
    """

    def __init__(self, seen: Observations, serving: Serving, pods: PodMap) -> None:
        rows = np.flatnonzero(serving.served & seen.judged & seen.settled)
        pod = pods.find(seen.peer_address[rows], seen.start_ns[rows])
        is_waypoint = seen.of_role(lambda role: role.proxy is ProxyType.WAYPOINT)
        # What stands behind a waypoint is called from its address.
        kinds = [place.kind is not PlaceKind.WAYPOINT for place in pods.workloads]
        known = np.array([*kinds, False], np.bool_)[pod]
        rows, pod = rows[known], pod[known]
        parent = seen.parent[rows]
        names, name_of_pod = _names(seen, pods)
        caller = _of_another_pod(seen, rows, names)
        by_call = (parent != NONE) & (seen.direction[parent] == Direction.OUTBOUND)
        by_waypoint = (parent != NONE) & is_waypoint[parent]
        by_waypoint |= (caller != NONE) & is_waypoint[caller]
        agrees = (caller == NONE) | (names[caller] == name_of_pod[pod])
        # A pod may call itself: the call right above is then its own.
        agrees |= by_call & (names[parent] == name_of_pod[pod])
        self.requests: Int64s = rows
        self.pod: Int64s = pod
        self.tree_caller: Int64s = caller
        self.silent: Bools = ~by_call & agrees & ~by_waypoint
        self.disagrees: Bools = ~agrees & ~by_waypoint


def _names(seen: Observations, pods: PodMap) -> tuple[Int64s, Int64s]:
    """Return numbers of pod names, by row and by pod of the map; NONE for rows of no pod."""
    numbers: dict[PodName, int] = {}
    of_seen = [numbers.setdefault((key[1], key[2]), len(numbers)) for key in seen.pods]
    of_map = [numbers.setdefault(pods.name(index), len(numbers)) for index in range(len(pods.pods))]
    return (
        np.array([*of_seen, NONE], np.int64)[seen.pod],
        np.array([*of_map, NONE], np.int64),
    )


def _of_another_pod(seen: Observations, rows: Int64s, names: Int64s) -> Int64s:
    """Return the nearest span above each of ``rows`` that is of a pod, and of another one."""
    above = nearest(names != NONE, seen.parent)
    found = above[rows]
    while len(same := np.flatnonzero((found != NONE) & (names[found] == names[rows]))):
        found[same] = above[found[same]]
    return found


def find_callers(seen: Observations, callers: Callers, pods: PodMap) -> list[Finding]:
    """Return a finding for each calling workload that is silent (B4) or passed over (B7)."""
    first: dict[WorkloadKey, int] = {}
    for index, place in enumerate(pods.workloads):
        first.setdefault(workload_key(place), index)
    numbers = [first[workload_key(place)] for place in pods.workloads]
    workload = np.array([*numbers, NONE], np.int64)[callers.pod]
    found = []
    for number in distinct(workload[callers.silent | callers.disagrees]).tolist():
        mine = workload == number
        subject, total = pods.workloads[number], int(mine.sum())
        if (silent := mine & callers.silent).any():
            found.append(_silent(seen, callers, subject, silent, total))
        if (disagrees := mine & callers.disagrees).any():
            found.append(_disagrees(seen, callers, subject, disagrees, total))
    return found


def _silent(
    seen: Observations, callers: Callers, subject: Place, affected: Bools, total: int
) -> Finding:
    rows, caller = callers.requests[affected], callers.tree_caller[affected]
    always = len(rows) >= _NEARLY_ALL * total
    name = label(subject)
    if always:
        advice = (
            f"Look at the tracing of {name}'s own proxy: whether a Telemetry resource disables "
            "span reporting for its calls (mode CLIENT), and whether its exports arrive "
            "(admin interface, /stats?filter=tracing)."
        )
    else:
        advice = (
            f"A part of the spans of {name}'s own proxy is lost: compare "
            "tracing.opentelemetry.spans_sent on its admin interface with what is stored, and look "
            "at its log for refused exports."
        )
    return Finding(
        sign=Sign.CALLER_REPORTS_NO_CALL,
        subject=subject,
        peer=_most_frequent(seen, rows),
        severity=Severity.WARNING,
        confidence=Confidence.HIGH if always and total >= _ENOUGH_CASES else Confidence.MEDIUM,
        why=(
            f"{len(rows):,} of {counted(total, 'request')} from the addresses of its pods have no "
            "call above them, long after it should have arrived."
        ),
        affected=len(rows),
        total=total,
        summary=(
            f"{name} made {counted(len(rows), 'call')} ({percent(len(rows) / total)}) of which "
            "it reported no span: only those called did."
        ),
        advice=advice,
        headers=(),
        operations=_called(seen, rows),
        evidence=tuple(
            seen.evidence(row, other)
            for row, other in zip(rows[:EVIDENCE].tolist(), caller[:EVIDENCE].tolist(), strict=True)
        ),
    )


def _disagrees(
    seen: Observations, callers: Callers, subject: Place, affected: Bools, total: int
) -> Finding:
    rows, caller = callers.requests[affected], callers.tree_caller[affected]
    always = len(rows) >= _NEARLY_ALL * total
    passed_over = _most_frequent(seen, caller)
    name = label(subject)
    return Finding(
        sign=Sign.CALLER_DISAGREES,
        subject=subject,
        peer=passed_over,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH if always and total >= _ENOUGH_CASES else Confidence.MEDIUM,
        why=(
            f"{len(rows):,} of {counted(total, 'request')} from the addresses of its pods hang "
            "below a span of another pod."
        ),
        affected=len(rows),
        total=total,
        summary=(
            f"{counted(len(rows), 'request')} came from {name}, but the trace names "
            f"{label(passed_over)} as the caller: the hop at {name} does not put itself into the "
            "trace headers."
        ),
        advice=(
            f"Look at the tracing of {name}'s own proxy: a Telemetry resource with "
            "disableContextPropagation or disableSpanReporting lets the headers of the hop before "
            "through unchanged."
        ),
        headers=(),
        operations=_called(seen, rows),
        evidence=tuple(
            seen.evidence(row, other)
            for row, other in zip(rows[:EVIDENCE].tolist(), caller[:EVIDENCE].tolist(), strict=True)
        ),
    )


def _called(seen: Observations, rows: Int64s) -> tuple[OperationPair, ...]:
    calls = Counter(seen.operation(row) for row in rows.tolist())
    pairs = [OperationPair("", operation, count) for operation, count in calls.items()]
    return tuple(sorted(pairs, key=lambda pair: (-pair.calls, pair)))


def _most_frequent(seen: Observations, rows: Int64s) -> Place:
    return seen.workloads[int(np.argmax(np.bincount(seen.workload[rows])))]
