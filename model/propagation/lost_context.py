"""B1: the application serves a request and begins a new trace with the calls it makes for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from model.graph.ancestry import NONE
from model.propagation.advice import copy_headers, counted, headers_of, label, percent
from model.propagation.findings import Confidence, Evidence, Finding, OperationPair, Severity, Sign
from model.propagation.observations import Observations
from model.propagation.serving import Case, NewTraces, Serving

__all__ = ["EVIDENCE", "find_lost_context"]

EVIDENCE = 5
"""Cases of a finding that are given as evidence."""

_FEW_CASES, _ENOUGH_CASES = 3, 5
_SURE_Z = 3.0
_LIKELY_Z = 2.0
_MOST = 0.5

# Beyond these, meeting one request more is lost among the many, or cannot happen.
_LEAST_DISPERSION = 0.3
_MOST_CONCURRENCY = 5.0
# Below, requests come so regularly that meeting no more of them does not clear the application.
_BY_CHANCE = 0.7

_NEARLY_ALL = 0.95

# Fewer lost calls are not told from chance; an inbound operation of fewer calls is not named.
_LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class _Verdict:
    confidence: Confidence
    why: str


def find_lost_context(
    seen: Observations, serving: Serving, new_traces: list[NewTraces]
) -> list[Finding]:
    """Return a finding for each workload whose calls begin traces because of what it serves."""
    habits = _Habits(seen, serving)
    by_workload: dict[int, list[tuple[NewTraces, _Verdict]]] = defaultdict(list)
    for new in new_traces:
        verdict = _judge(new, habits)
        if verdict is not None:
            by_workload[new.workload].append((new, verdict))
    return [
        _finding(seen, serving, habits, workload, judged)
        for workload, judged in by_workload.items()
    ]


class _Habits:
    """What workloads do otherwise: all their calls, and whether they forward headers at all."""

    def __init__(self, seen: Observations, serving: Serving) -> None:
        calls = np.flatnonzero(serving.calls & seen.judged)
        self.calls = np.bincount(seen.workload[calls], minlength=len(seen.workloads))
        forwarded = calls[serving.request_above[calls] != NONE]
        self.forwarded = np.bincount(seen.workload[forwarded], minlength=len(seen.workloads))
        self.operation_calls = Counter(
            zip(
                seen.workload[calls].tolist(),
                (seen.roles[role].operation for role in seen.role[calls].tolist()),
                strict=True,
            )
        )


def _judge(new: NewTraces, habits: _Habits) -> _Verdict | None:
    """Return how sure it is that ``new`` are made for requests; None if they are not."""
    met = int(new.met.sum())
    if not met:
        return None
    confirmed = int((new.request != NONE).sum())
    if confirmed:
        return _Verdict(
            Confidence.CERTAIN,
            f"{confirmed:,} of {counted(met, 'call')} carry the x-request-id of a request that "
            "the same pod was serving.",
        )
    known = new.excess[~np.isnan(new.excess)]
    if not len(known):
        return _Verdict(Confidence.LOW, "The window is too short to tell chance from cause.")
    facts = (
        f"{met:,} of {counted(len(new.rows), 'new trace')} to {new.operation} began while the "
        f"pod was serving; at other moments near by it was serving {percent(new.chance)} of the "
        "time"
    )
    forwards_nothing = not habits.forwarded[new.workload]
    if new.dispersion < _LEAST_DISPERSION or new.concurrency > _MOST_CONCURRENCY:
        return _by_habits(new, habits, facts)
    lost = float(known.mean()) / new.dispersion
    error = float(known.std()) / new.dispersion / np.sqrt(max(1, new.clusters - 1))
    if new.clusters >= _ENOUGH_CASES and lost >= max(_SURE_Z * error, _LEAST_SHARE):
        if lost >= _MOST:
            return _Verdict(
                Confidence.HIGH,
                f"{facts}, and {int((new.served == 1).sum()):,} of the calls met exactly one "
                "request that they can belong to.",
            )
        return _Verdict(
            Confidence.MEDIUM,
            f"{facts}: more than chance, but a part of them may be the application's own calls, "
            "or the requests they belong to were not sampled.",
        )
    if new.clusters >= _FEW_CASES and lost >= max(_LIKELY_Z * error, _MOST):
        return _Verdict(Confidence.MEDIUM, f"{facts}; that is few cases.")
    if new.dispersion < _BY_CHANCE and new.chance > _MOST:
        return _by_habits(new, habits, facts)
    if new.clusters >= _ENOUGH_CASES and lost + _LIKELY_Z * error < _MOST:
        return None  # no more requests than at any other moment: calls of its own
    if not forwards_nothing and lost < _LIKELY_Z * error:
        return None  # it forwards headers otherwise, and nothing speaks against calls of its own
    return _Verdict(
        Confidence.LOW, f"{facts}; that does not tell lost headers from calls of its own."
    )


def _by_habits(new: NewTraces, habits: _Habits, facts: str) -> _Verdict | None:
    """Judge calls of a pod that serves so much, or so evenly, that meeting a request is no sign."""
    total = habits.operation_calls[new.workload, new.operation]
    if len(new.rows) < _NEARLY_ALL * total:
        return None  # most calls of this operation go on in the trace of their request
    if not habits.forwarded[new.workload] and new.clusters >= _ENOUGH_CASES:
        return _Verdict(
            Confidence.MEDIUM,
            f"{facts}, so that meeting a request proves little; but not one call of this "
            "workload continues the trace of a request.",
        )
    return _Verdict(
        Confidence.LOW, f"{facts}; that does not tell lost headers from calls of its own."
    )


def _finding(
    seen: Observations,
    serving: Serving,
    habits: _Habits,
    workload: int,
    judged: list[tuple[NewTraces, _Verdict]],
) -> Finding:
    subject = seen.workloads[workload]
    surest = max((verdict for _, verdict in judged), key=lambda verdict: verdict.confidence)
    # What is less sure than the surest does not belong into its sentences.
    lost = [new for new, verdict in judged if verdict.confidence >= surest.confidence]
    lost += [
        new
        for new, verdict in judged
        if Confidence.MEDIUM <= verdict.confidence < surest.confidence
    ]
    affected = sum(int(new.met.sum()) for new in lost)
    total = int(habits.calls[workload])
    headers = headers_of(shares_ids=seen.shares_ids)
    operations, evidence = _operations(seen, serving, lost)
    return Finding(
        sign=Sign.NEW_TRACE_WHILE_SERVING,
        subject=subject,
        peer=None,
        severity=Severity.ERROR if surest.confidence > Confidence.LOW else Severity.WARNING,
        confidence=surest.confidence,
        why=surest.why,
        affected=affected,
        total=total,
        summary=(
            f"{affected:,} of {counted(total, 'call')} of {label(subject)} "
            f"({percent(affected / total)}) began a new trace while it was serving a request: "
            "it does not forward the trace headers."
        ),
        advice=copy_headers(subject, headers, operations),
        headers=headers,
        operations=operations,
        evidence=evidence,
    )


def _operations(
    seen: Observations, serving: Serving, lost: list[NewTraces]
) -> tuple[tuple[OperationPair, ...], tuple[Evidence, ...]]:
    pairs: list[OperationPair] = []
    cases: list[Case] = []
    for new in lost:
        met = serving.cases(new)
        cases += met
        votes: dict[str, float] = defaultdict(float)
        for case in met:
            for request in case.requests:
                votes[seen.operation(request)] += 1 / len(case.requests)
        calls = int(new.met.sum())
        pairs += [
            OperationPair(inbound, new.operation, max(1, round(calls * share / len(met))))
            for inbound, share in votes.items()
            if share / len(met) >= _LEAST_SHARE
        ]
    pairs.sort(key=lambda pair: (-pair.calls, pair))
    # A call that can belong to one request only shows most.
    cases.sort(key=lambda case: (len(case.requests) != 1, case.call))
    return tuple(pairs), tuple(
        seen.evidence(case.call, case.requests[0] if len(case.requests) == 1 else NONE)
        for case in cases[:EVIDENCE]
    )
