"""What pods were serving when their calls began: by chance, or because of it?

A busy pod serves requests most of the time, so a call that it makes by itself mostly meets one,
too. What tells the two apart is whether *more* requests are being served when the calls begin
than at other moments near by. Calls that do not care meet no more: E[N], where N is how many
requests are served at a time. Of calls that are made for requests, each request has its share,
so that they meet E[N^2]/E[N]: more by Var[N]/E[N], which is 1 if requests come by chance and 0
if always as many are served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, nearest
from model.graph.directions import Direction
from model.propagation.grouping import distinct, group_numbers
from model.propagation.observations import Observations

__all__ = ["Case", "NewTraces", "Serving"]

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Near by, but not within the same request: multiples of what requests take in this pod. They are
# no multiples of each other, so that they do not all fall into the step of a regular load.
_CONTROLS = np.array([-3.303, -2.414, -1.618, -1.0, 1.0, 1.618, 2.414, 3.303])
_LONG_REQUEST = 0.9  # quantile
_LEAST_SHIFT_NS = 5_000_000
_MOST_SHIFT_NS = 60_000_000_000

_EXAMINED_CALLS = 100
_EXAMINED_REQUESTS = 2000


@dataclass(frozen=True, slots=True)
class NewTraces:
    """Calls of one workload to one operation that began a trace, and what they met.

    Attributes:
        workload: index in the observations' workloads.
        operation: that is called.
        rows: the calls.
        served: of each call, how many requests its pod was serving when it began, without those
            that have a call to this operation within their own trace.
        excess: of each call, ``served`` less its mean at moments near by; NaN where the window
            has no such moments.
        concurrency: E[N] at these moments.
        dispersion: Var[N]/E[N] at these moments: the excess to expect if every call is made for a
            request; 1 where nothing was served at any of them.
        chance: share of the moments near by at which such a request was served, 0 to 1.
        clusters: how many different sets of requests the calls met: calls of one request are
            no independent cases.
        request: of each call, the row of the request that the pod served under the same request
            id, or NONE.
    """

    workload: int
    operation: str
    rows: Int64s
    served: Int64s
    excess: Float64s
    concurrency: float
    dispersion: float
    chance: float
    clusters: int
    request: Int64s

    @property
    def met(self) -> Bools:
        """Of each call, whether it can have been made for a request."""
        found: Bools = (self.served > 0) | (self.request != NONE)
        return found


@dataclass(frozen=True, slots=True)
class Case:
    """A call that began a trace, and the requests that it can belong to."""

    call: int
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Requests:
    """Requests of one pod: their rows, rising and by start; and their starts and ends, sorted."""

    rising: Int64s
    rows: Int64s
    starts_ns: Int64s
    ends_ns: Int64s

    def at(self, moments_ns: Int64s) -> Int64s:
        """Return how many of them were being served at each moment."""
        begun = np.searchsorted(self.starts_ns, moments_ns, side="right")
        return begun - np.searchsorted(self.ends_ns, moments_ns, side="left")

    def hold(self, rows: Int64s) -> Bools:
        """Return which of ``rows`` are of these requests."""
        at = np.searchsorted(self.rising, rows)
        found: Bools = np.append(self.rising, NONE)[at] == rows
        return found


_NO_REQUESTS = _Requests(*(np.zeros(0, np.int64),) * 4)


class Serving:
    """Knows the requests and calls of every pod.

    Attributes:
        served: by row, whether it is a request that a sidecar took in; probes are none.
        calls: by row, whether it is a call that a sidecar let out.
        request_above: by row, the request of the same trace and pod that it belongs to, or NONE.
    """

    def __init__(self, seen: Observations) -> None:
        self._seen = seen
        is_probe = seen.of_role(lambda role: role.is_probe)
        self.served: Bools = (seen.direction == Direction.INBOUND) & seen.is_listener & ~is_probe
        self.calls: Bools = (seen.direction == Direction.OUTBOUND) & seen.is_listener
        above = nearest(self.served, seen.parent)
        in_pod = (above != NONE) & (seen.pod[above] == seen.pod)
        self.request_above: Int64s = np.where(in_pod, above, NONE)
        operations: dict[str, int] = {}
        numbers = [operations.setdefault(role.operation, len(operations)) for role in seen.roles]
        self._operations = tuple(operations)
        self._operation = np.array(numbers, np.int64)[seen.role]
        self._requests = {
            pod: self._sorted(rows) for pod, _, rows in self._groups(np.flatnonzero(self.served))
        }
        self._made_call = self._made_calls()

    def new_traces(self) -> list[NewTraces]:
        """Return the judged calls that began a trace, by workload and operation.

        Calls of pods that served nothing in all the time are left out: they are nobody's.
        """
        seen = self._seen
        new = np.flatnonzero(self.calls & seen.is_root & seen.judged)
        if not len(new):
            return []
        request = np.full(len(seen), NONE)
        request[new] = self._same_request_id(new)
        window = int(seen.start_ns.min()), int(seen.end_ns.max())
        found: dict[tuple[int, int], list[NewTraces]] = defaultdict(list)
        for pod, operation, rows in self._groups(new, by_operation=True):
            if pod in self._requests:
                workload = int(seen.workload[rows[0]])
                found[workload, operation].append(
                    self._against_chance(pod, operation, rows, request[rows], window)
                )
        return [_joined(parts) for _, parts in sorted(found.items())]

    def cases(self, new: NewTraces) -> list[Case]:
        """Return some of the calls of ``new`` that met requests, with these."""
        some = np.flatnonzero(new.met)[:_EXAMINED_CALLS]
        return [
            Case(
                int(new.rows[one]),
                (int(new.request[one]),)
                if new.request[one] != NONE
                else self._candidates(int(new.rows[one])),
            )
            for one in some
        ]

    def _candidates(self, call: int) -> tuple[int, ...]:
        seen = self._seen
        pod, begins_ns = int(seen.pod[call]), seen.start_ns[call]
        requests = self._requests[pod]
        busy = self._made_call.get((pod, int(self._operation[call])), _NO_REQUESTS)
        begun = int(np.searchsorted(requests.starts_ns, begins_ns, side="right"))
        latest = requests.rows[max(0, begun - _EXAMINED_REQUESTS) : begun]
        latest = latest[seen.end_ns[latest] >= begins_ns]
        return tuple(latest[~busy.hold(latest)].tolist())

    def _against_chance(
        self, pod: int, operation: int, rows: Int64s, request: Int64s, window: tuple[int, int]
    ) -> NewTraces:
        requests = self._requests[pod]
        busy = self._made_call.get((pod, operation), _NO_REQUESTS)
        starts_ns = self._seen.start_ns[rows]
        served = requests.at(starts_ns) - busy.at(starts_ns)
        moments_ns = starts_ns[:, None] + self._shifts_ns(requests)[None, :]
        known = (moments_ns >= window[0]) & (moments_ns <= window[1])
        near_by = np.where(known, requests.at(moments_ns) - busy.at(moments_ns), 0)
        count = known.sum(axis=1)
        mean = near_by.sum(axis=1) / np.maximum(count, 1)
        squares = np.where(known, (near_by - mean[:, None]) ** 2, 0.0).sum(axis=1)
        variance = squares / np.maximum(count - 1, 1)
        sets = np.searchsorted(requests.starts_ns, starts_ns[served > 0], side="right")
        return NewTraces(
            workload=int(self._seen.workload[rows[0]]),
            operation=self._operations[operation],
            rows=rows,
            served=served,
            excess=np.where(count > 0, served - mean, np.nan),
            concurrency=float(mean.mean()),
            dispersion=float(variance.mean() / mean.mean()) if mean.any() else 1.0,
            chance=float((near_by > 0).sum() / max(1, int(known.sum()))),
            clusters=len(distinct(sets)),
            request=request,
        )

    def _shifts_ns(self, requests: _Requests) -> Int64s:
        lasted = self._seen.end_ns[requests.rows] - self._seen.start_ns[requests.rows]
        long = float(np.quantile(lasted, _LONG_REQUEST))
        shift = min(max(long, _LEAST_SHIFT_NS), _MOST_SHIFT_NS)
        return np.rint(_CONTROLS * shift).astype(np.int64)

    def _sorted(self, rows: Int64s) -> _Requests:
        """Return requests, whose rows are given rising."""
        starts_ns, ends_ns = self._seen.start_ns[rows], self._seen.end_ns[rows]
        order = np.argsort(starts_ns, kind="stable")
        return _Requests(rows, rows[order], starts_ns[order], np.sort(ends_ns))

    def _made_calls(self) -> dict[tuple[int, int], _Requests]:
        """Return the requests that have a call within their own trace, by pod and operation."""
        calls = np.flatnonzero(self.calls & (self.request_above != NONE))
        return {
            (pod, operation): self._sorted(distinct(self.request_above[rows]))
            for pod, operation, rows in self._groups(calls, by_operation=True)
        }

    def _same_request_id(self, new: Int64s) -> Int64s:
        """Return for each call the request of its pod that has its request id, or NONE."""
        seen = self._seen
        served = np.flatnonzero(self.served & seen.has_request_id)
        rows = np.concatenate([served, new])
        group = group_numbers(seen.request_id[rows, 0], seen.request_id[rows, 1], seen.pod[rows])
        owner = np.full(len(rows), NONE)
        owner[group[: len(served)]] = served
        return np.where(seen.has_request_id[new], owner[group[len(served) :]], NONE)

    def _groups(
        self, rows: Int64s, *, by_operation: bool = False
    ) -> Iterator[tuple[int, int, Int64s]]:
        """Yield ``rows`` by pod, and by operation if asked for; rows of no pod are left out."""
        rows = rows[self._seen.pod[rows] != NONE]
        pod = self._seen.pod[rows]
        operation = self._operation[rows] if by_operation else np.zeros(len(rows), np.int64)
        order = np.lexsort((operation, pod))
        rows, pod, operation = rows[order], pod[order], operation[order]
        ends = np.flatnonzero((np.diff(pod) != 0) | (np.diff(operation) != 0)) + 1
        for group in np.split(np.arange(len(rows)), ends):
            if len(group):
                yield int(pod[group[0]]), int(operation[group[0]]), rows[group]


def _joined(parts: list[NewTraces]) -> NewTraces:
    """Return what the pods of one workload have in common."""
    calls = [len(part.rows) for part in parts]

    def mean(values: list[float]) -> float:
        return float(np.average(values, weights=calls))

    return NewTraces(
        workload=parts[0].workload,
        operation=parts[0].operation,
        rows=np.concatenate([part.rows for part in parts]),
        served=np.concatenate([part.served for part in parts]),
        excess=np.concatenate([part.excess for part in parts]),
        concurrency=mean([part.concurrency for part in parts]),
        dispersion=mean([part.dispersion for part in parts]),
        chance=mean([part.chance for part in parts]),
        clusters=sum(part.clusters for part in parts),
        request=np.concatenate([part.request for part in parts]),
    )
