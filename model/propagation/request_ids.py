"""B2 and B5: what the ``x-request-id`` gives away about the headers that an application copies."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE
from model.graph.place import Place
from model.propagation.advice import (
    REQUEST_ID_HEADER,
    copy_headers,
    counted,
    headers_of,
    label,
    percent,
)
from model.propagation.findings import Confidence, Finding, OperationPair, Severity, Sign
from model.propagation.grouping import distinct, group_numbers
from model.propagation.lost_context import EVIDENCE
from model.propagation.observations import Observations
from model.propagation.pod_map import PodMap
from model.propagation.serving import Serving

__all__ = ["find_replaced_ids", "find_split_requests", "replaced_ids"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def find_split_requests(
    seen: Observations, serving: Serving, pods: PodMap
) -> tuple[list[Finding], int]:
    """B2: return who forwards the request id and begins a new trace; and ids that others reuse.

    A trace that begins under the request id of another trace, which began earlier, was begun by
    whoever let that request out: the workload whose sidecar's call it begins with, or the pod
    that a request without a trace came from.
    """
    begun, earlier = _begun_under_known_ids(seen)
    caller = np.where(serving.calls[begun], seen.workload[begun], NONE)
    pod = pods.find(seen.peer_address[begun], seen.start_ns[begun])
    of_pod = np.array([*map(seen.workload_number, pods.workloads), NONE], np.int64)
    caller = np.where(serving.served[begun], of_pod[pod], caller)
    reused = begun[caller == NONE]
    calls = np.bincount(seen.workload[serving.calls & seen.judged], minlength=len(seen.workloads))
    found = []
    for workload in distinct(caller[caller != NONE]).tolist():
        mine = caller == workload
        found.append(
            _split(
                seen,
                serving,
                seen.workloads[workload],
                int(calls[workload]),
                begun[mine],
                earlier[mine],
            )
        )
    ids = group_numbers(seen.request_id[reused, 0], seen.request_id[reused, 1])
    return found, len(distinct(ids))


def _begun_under_known_ids(seen: Observations) -> tuple[Int64s, Int64s]:
    """Return judged roots whose request id is on a trace that began before, and a span of it."""
    rows = np.flatnonzero(seen.has_request_id)
    group = group_numbers(seen.request_id[rows, 0], seen.request_id[rows, 1])
    order = np.lexsort((rows, seen.start_ns[rows], group))
    rows, group = rows[order], group[order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = group[1:] != group[:-1]
    first_of_group = rows[first]
    earliest = np.full(len(seen), NONE)
    earliest[rows] = first_of_group[group]
    begun = rows[
        seen.is_root[rows] & seen.judged[rows] & (seen.trace[rows] != seen.trace[earliest[rows]])
    ]
    return begun, earliest[begun]


def _split(
    seen: Observations,
    serving: Serving,
    subject: Place,
    calls: int,
    begun: Int64s,
    earlier: Int64s,
) -> Finding:
    headers = headers_of(shares_ids=seen.shares_ids)
    in_pod = serving.served[earlier] & (seen.pod[earlier] == seen.pod[begun])
    pairs = Counter(
        (seen.operation(first) if same else "", seen.operation(row))
        for row, first, same in zip(begun.tolist(), earlier.tolist(), in_pod.tolist(), strict=True)
    )
    operations = _pairs(pairs)
    return Finding(
        sign=Sign.REQUEST_ID_IN_SEVERAL_TRACES,
        subject=subject,
        peer=None,
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN,
        why="Nobody but the application copies an x-request-id, and it is on several traces.",
        affected=len(begun),
        total=max(calls, len(begun)),
        summary=(
            f"{counted(len(begun), 'trace')} began at {label(subject)} with the x-request-id of "
            "another trace: it forwards the request id, but not the trace headers."
        ),
        advice=(
            copy_headers(subject, headers, operations)
            + " Until then, /api/v1/requests/{x-request-id}?stitch=1 reads these traces as one."
        ),
        headers=headers,
        operations=operations,
        evidence=tuple(
            seen.evidence(row, first)
            for row, first in zip(
                begun[:EVIDENCE].tolist(), earlier[:EVIDENCE].tolist(), strict=True
            )
        ),
    )


def replaced_ids(seen: Observations, serving: Serving) -> Bools:
    """Return which calls are in the trace of their request and have another request id."""
    above = serving.request_above
    has_id = seen.has_request_id
    differs = (seen.request_id != seen.request_id[above]).any(axis=1)
    found: Bools = serving.calls & (above != NONE) & has_id & has_id[above] & differs
    return found


def find_replaced_ids(seen: Observations, serving: Serving) -> list[Finding]:
    """B5: return who forwards ``traceparent`` without ``x-request-id``, and what that cut off."""
    replaced = np.flatnonzero(replaced_ids(seen, serving) & seen.judged)
    both = np.flatnonzero(serving.calls & (serving.request_above != NONE) & seen.judged)
    has_call = np.zeros(len(seen), np.bool_)
    has_call[serving.request_above[serving.request_above != NONE]] = True
    found = []
    for workload in distinct(seen.workload[replaced]).tolist():
        mine = replaced[seen.workload[replaced] == workload]
        calls = int((seen.workload[both] == workload).sum())
        # Requests like those whose calls were decided anew, but which have no call at all.
        names = {seen.operation(row) for row in distinct(serving.request_above[mine]).tolist()}
        alike = np.flatnonzero(
            serving.served
            & (seen.workload == workload)
            & seen.judged
            & seen.settled
            & seen.of_operations(names)
        )
        found.append(_replaced(seen, serving, calls, mine, alike, alike[~has_call[alike]]))
    return found


def _replaced(
    seen: Observations,
    serving: Serving,
    calls: int,
    replaced: Int64s,
    alike: Int64s,
    ended: Int64s,
) -> Finding:
    subject = seen.workloads[int(seen.workload[replaced[0]])]
    requests = serving.request_above[replaced]
    operations = _pairs(
        Counter(
            (seen.operation(request), seen.operation(row))
            for request, row in zip(requests.tolist(), replaced.tolist(), strict=True)
        )
    )
    cut = (
        f" {len(ended):,} of {counted(len(alike), 'such request')} "
        f"({percent(len(ended) / len(alike))}) end at {label(subject)} without any call, as they "
        "do where sampling is below 100 % and the next proxy decides anew."
        if len(ended)
        else ""
    )
    return Finding(
        sign=Sign.REQUEST_ID_NOT_FORWARDED,
        subject=subject,
        peer=None,
        severity=Severity.WARNING if len(ended) else Severity.INFO,
        confidence=Confidence.CERTAIN,
        why=(
            f"{counted(len(replaced), 'call')} of {calls:,} are in the trace of the request that "
            "they are made for, under another x-request-id."
        ),
        affected=len(replaced),
        total=calls,
        summary=(
            f"{label(subject)} forwards the trace headers without the x-request-id "
            f"({counted(len(replaced), 'call')} of {calls:,}).{cut}"
        ),
        advice=(
            copy_headers(subject, (REQUEST_ID_HEADER,), operations)
            + " Proxies decide by it whether a request is traced, and it joins the access logs."
        ),
        headers=(REQUEST_ID_HEADER,),
        operations=operations,
        evidence=(
            *(
                seen.evidence(row, request)
                for row, request in zip(replaced[:3].tolist(), requests[:3].tolist(), strict=True)
            ),
            *(seen.evidence(row) for row in ended[:2].tolist()),
        ),
    )


def _pairs(found: Counter[tuple[str, str]]) -> tuple[OperationPair, ...]:
    pairs = [
        OperationPair(inbound, outbound, calls) for (inbound, outbound), calls in found.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.calls, pair)))
