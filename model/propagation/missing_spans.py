"""B3 and B6: parents that never arrived, and callees that report nothing."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, nearest
from model.graph.directions import Direction
from model.graph.place import Place, PlaceKind
from model.propagation.advice import copy_headers, counted, headers_of, label, percent
from model.propagation.callers import Callers
from model.propagation.findings import Confidence, Finding, OperationPair, Severity, Sign
from model.propagation.grouping import distinct
from model.propagation.lost_context import EVIDENCE
from model.propagation.observations import Observations

__all__ = ["find_orphans", "find_silent_callees", "unexplained_orphans"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ENOUGH_CASES = 5
_NEARLY_ALL = 0.95


def unexplained_orphans(seen: Observations, callers: Callers) -> Bools:
    """Return which judged, settled spans miss a parent that B4 does not account for."""
    orphans: Bools = seen.is_orphan & seen.judged & seen.settled
    orphans[callers.requests[callers.silent]] = False
    return orphans


def find_orphans(seen: Observations, callers: Callers) -> list[Finding]:
    """B3: return a finding for each workload and direction with parents that never arrived."""
    orphans = unexplained_orphans(seen, callers)
    could = ~seen.is_root & seen.judged & seen.settled
    outbound = seen.direction == Direction.OUTBOUND
    found = []
    for is_outbound in (True, False):
        side = outbound == is_outbound
        for workload in distinct(seen.workload[orphans & side]).tolist():
            mine = side & (seen.workload == workload)
            rows = np.flatnonzero(orphans & mine)
            total = int((could & mine).sum())
            finding = _lost_within if is_outbound else _lost_before
            found.append(finding(seen, rows, total))
    return found


def _lost_within(seen: Observations, rows: Int64s, total: int) -> Finding:
    subject = seen.workloads[int(seen.workload[rows[0]])]
    headers = headers_of(shares_ids=seen.shares_ids)
    operations = _operations(seen, rows, outbound=True)
    name = label(subject)
    return Finding(
        sign=Sign.PARENT_NEVER_ARRIVED,
        subject=subject,
        peer=None,
        severity=Severity.WARNING,
        confidence=_confidence(len(rows), total),
        why=_why(len(rows), total),
        affected=len(rows),
        total=total,
        summary=(
            f"{counted(len(rows), 'call')} of {name} ({percent(len(rows) / total)}) name a "
            "parent that never arrived: most often a span that the application's own tracer "
            "made and did not export here."
        ),
        advice=(
            f"Let the tracer inside {name} export its spans to Spanloom, too, or switch it off and "
            "let the application pass headers on: " + copy_headers(subject, headers, operations)
        ),
        headers=headers,
        operations=operations,
        evidence=tuple(seen.evidence(row) for row in rows[:EVIDENCE].tolist()),
    )


def _lost_before(seen: Observations, rows: Int64s, total: int) -> Finding:
    subject = seen.workloads[int(seen.workload[rows[0]])]
    senders = Counter(seen.peer_addresses[address] for address in seen.peer_address[rows].tolist())
    told = [address for address, _ in senders.most_common(3) if address]
    sender = f" (from {', '.join(told)})" if told else ""
    return Finding(
        sign=Sign.PARENT_NEVER_ARRIVED,
        subject=subject,
        peer=None,
        severity=Severity.INFO if subject.kind is PlaceKind.GATEWAY else Severity.WARNING,
        confidence=_confidence(len(rows), total),
        why=_why(len(rows), total),
        affected=len(rows),
        total=total,
        summary=(
            f"{counted(len(rows), 'span')} of {label(subject)} ({percent(len(rows) / total)}) "
            f"name a parent that never arrived{sender}: the caller is unsampled, exports elsewhere "
            "or lost it."
        ),
        advice=(
            "Let whoever calls export its spans to Spanloom, too. A client outside that sends "
            "trace headers of its own tracer is shown as a missing parent; a gateway that removes "
            "traceparent from what comes from outside begins clean traces."
        ),
        headers=(),
        operations=_operations(seen, rows, outbound=False),
        evidence=tuple(seen.evidence(row) for row in rows[:EVIDENCE].tolist()),
    )


def _confidence(affected: int, total: int) -> Confidence:
    systematic = affected >= _ENOUGH_CASES and affected >= _NEARLY_ALL * total
    return Confidence.HIGH if systematic else Confidence.MEDIUM


def _why(affected: int, total: int) -> str:
    often = "that is systematic" if affected >= _NEARLY_ALL * total else "others arrive"
    return (
        f"{affected:,} of {counted(total, 'span')} with a parent miss it, long after it should "
        f"have arrived; {often}."
    )


def _operations(seen: Observations, rows: Int64s, *, outbound: bool) -> tuple[OperationPair, ...]:
    calls = Counter(seen.operation(row) for row in rows.tolist())
    pairs = [
        OperationPair("", operation, count) if outbound else OperationPair(operation, "", count)
        for operation, count in calls.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.calls, pair)))


def find_silent_callees(seen: Observations) -> list[Finding]:
    """B6: return a finding for each called service that made no span for calls that reached it."""
    is_call = seen.direction == Direction.OUTBOUND
    below = np.flatnonzero(seen.direction != Direction.LOCAL)
    above = nearest(is_call, seen.parent)[below]
    answered = np.zeros(len(seen), np.bool_)
    answered[above[(above != NONE) & (seen.direction[below] == Direction.INBOUND)]] = True
    passed_on = np.zeros(len(seen), np.bool_)
    passed_on[above[(above != NONE) & is_call[below]]] = True
    reached = seen.of_role(lambda role: bool(role.called_host) and role.reached)
    calls = is_call & seen.judged & seen.settled & reached & (answered | ~passed_on)
    hosts: dict[str, list[Int64s]] = defaultdict(list)
    for role in distinct(seen.role[calls]).tolist():
        hosts[seen.roles[role].called_host].append(np.flatnonzero(calls & (seen.role == role)))
    reporting = {(place.namespace, place.service) for place in seen.workloads}
    found = []
    for host, parts in sorted(hosts.items()):
        rows = np.sort(np.concatenate(parts))
        silent = rows[~answered[rows]]
        if len(silent):
            found.append(_callee(seen, host, silent, len(rows), reporting))
    return found


def _callee(
    seen: Observations, host: str, rows: Int64s, total: int, reporting: set[tuple[str, str]]
) -> Finding:
    service = seen.roles[int(seen.role[rows[0]])].called_service
    subject = service or Place(PlaceKind.EXTERNAL, name=host)
    reports = service is not None and (service.namespace, service.service) in reporting
    caller = seen.workloads[int(np.argmax(np.bincount(seen.workload[rows])))]
    if reports:
        advice = (
            f"Some spans of {host} arrive and these do not: look for pods without a sidecar, for "
            "exports that fail (admin interface, /stats?filter=tracing), and at what a hop between "
            "does to the trace headers (sign B7)."
        )
    elif service is None:
        advice = f"Nothing to do if {host} is outside of the mesh."
    else:
        advice = (
            f"Give the pods behind {host} a sidecar, or let the application's own tracer export "
            "to Spanloom. Nothing to do if it is no HTTP service of the mesh."
        )
    return Finding(
        sign=Sign.CALLEE_REPORTS_NOTHING,
        subject=subject,
        peer=caller,
        severity=Severity.WARNING if reports else Severity.INFO,
        confidence=_confidence(len(rows), total),
        why=(
            f"{len(rows):,} of {counted(total, 'call')} that reached {host} have no span of the "
            "callee, long after it should have arrived."
        ),
        affected=len(rows),
        total=total,
        summary=(
            f"{counted(len(rows), 'call')} to {host} ({percent(len(rows) / total)}) end there: "
            "the callee sent no span."
        ),
        advice=advice,
        headers=(),
        operations=_operations(seen, rows, outbound=True),
        evidence=tuple(seen.evidence(row) for row in rows[:EVIDENCE].tolist()),
    )
