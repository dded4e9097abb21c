"""Health of nodes and edges by Kiali's thresholds, and why, in one sentence.

The rules are those of Kiali's health calculator: the share of requests of one protocol and
direction whose code matches a tolerance, against its two thresholds; the worst of all counts.
Two additions: a gRPC call that failed in HTTP counts as one of HTTP, and calls that tell no code
at all (databases, messages, spans of SDKs) have one by their error: ``error``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from model.graph.edge import Protocol
from model.graph.reason import explain
from model.graph.view import Health, HealthStatus, Outcome, Traffic

__all__ = [
    "HEALTHY",
    "KIALI",
    "NO_HEALTH",
    "Direction",
    "HealthRule",
    "HealthRules",
    "Judgement",
    "Tolerance",
    "Tolerances",
    "edge_health",
    "judge",
    "judged_code",
    "node_health",
]

HEALTHY = Health(HealthStatus.HEALTHY)
"""Of what has traffic, none of which counts for any tolerance."""

NO_HEALTH = Health(HealthStatus.NA)
"""Of what has no traffic, or is not judged."""

_FAILED = "error"
_ORDER = (HealthStatus.NA, HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.FAILURE)


class Direction(StrEnum):
    """Which of a node's requests a tolerance is about."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many requests may end in a way before it is ill health.

    Attributes:
        code: regular expression of the code, whole; ``X`` is any digit. The code is the HTTP
            status or, after a successful HTTP exchange, the gRPC status; ``-`` is no response,
            ``error`` a failed call that told no code.
        degraded, failure: percent from which on; 0 is any at all.
        protocol, direction: regular expressions, whole.
    """

    code: str
    degraded: float
    failure: float
    protocol: str = ".*"
    direction: str = ".*"


@dataclass(frozen=True, slots=True)
class HealthRule:
    """Tolerances for some nodes; ``namespace``, ``kind`` and ``name`` are regular expressions.

    ``kind`` is that of the place, ``name`` the service or, without one, the label.
    """

    tolerances: tuple[Tolerance, ...]
    namespace: str = ".*"
    kind: str = ".*"
    name: str = ".*"


_DEFAULT = HealthRule(
    (
        Tolerance("5XX", 0, 10, protocol="http|grpc"),
        Tolerance("4XX", 10, 20, protocol="http|grpc"),
        Tolerance("[1-9]|1[0-6]", 0, 10, protocol="grpc"),
        Tolerance("-", 0, 10, protocol="http|grpc"),
        Tolerance("error", 0.1, 10),
    )
)


class Tolerances:
    """Tolerances that hold for some requests, and which of them each code matches.

    Args:
        items: in any order.
    """

    def __init__(self, items: Sequence[Tolerance]) -> None:
        self.items = tuple(items)
        self._matching: dict[tuple[Protocol, str, str], tuple[int, ...]] = {}

    def matching(self, protocol: Protocol, code: str, grpc_status: str) -> tuple[int, ...]:
        """Return the positions of the tolerances that a request counts for, if it failed."""
        asked = (protocol, code, grpc_status)
        found = self._matching.get(asked)
        if found is None:
            judged = _judged_code(code, grpc_status) or _FAILED
            found = self._matching[asked] = tuple(
                position
                for position, one in enumerate(self.items)
                if _fits(one.protocol, protocol) and _fits(one.code.replace("X", r"\d"), judged)
            )
        return found


@dataclass(frozen=True, slots=True)
class HealthRules:
    """The rules of an installation: the first that fits a node holds, else Kiali's defaults."""

    rules: tuple[HealthRule, ...] = ()
    _tolerances: dict[tuple[Tolerance, ...], Tolerances] = field(
        default_factory=dict, repr=False, compare=False
    )

    def tolerances(self, namespace: str, kind: str, name: str, direction: Direction) -> Tolerances:
        """Return what holds for requests of a node in ``direction``."""
        position = next(
            (
                position
                for position, rule in enumerate(self.rules)
                if _fits(rule.namespace, namespace)
                and _fits(rule.kind, kind)
                and _fits(rule.name, name)
            ),
            len(self.rules),
        )
        rule = self.rules[position] if position < len(self.rules) else _DEFAULT
        items = tuple(one for one in rule.tolerances if _fits(one.direction, direction))
        # Equal ones are one object: it remembers what matches, and is judged by once.
        return self._tolerances.setdefault(items, Tolerances(items))


KIALI = HealthRules()
"""Kiali's defaults (``AddHealthDefault``)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The worst of some traffic.

    Attributes:
        ratio: matching requests to all of the protocol.
        matching: the outcomes that match the tolerance.
    """

    status: HealthStatus
    ratio: float = 0.0
    protocol: Protocol = Protocol.UNKNOWN
    requests: float = 0.0
    matching: tuple[Outcome, ...] = ()

    @property
    def rank(self) -> tuple[int, float]:
        """Greater is worse."""
        return _ORDER.index(self.status), self.ratio


_NO_TRAFFIC = Judgement(HealthStatus.NA)
_NOTHING_FAILED = Judgement(HealthStatus.HEALTHY)


def judge(traffic: Traffic | None, tolerances: Tolerances) -> Judgement:
    """Return the worst over protocols and tolerances; NA without traffic."""
    if traffic is None:
        return _NO_TRAFFIC
    found: dict[tuple[int, Protocol], list[Outcome]] = {}
    for outcome in traffic.outcomes:
        protocol = outcome.protocol
        positions = tolerances.matching(protocol, outcome.code, outcome.grpc_status)
        if positions and _failed_calls(outcome):
            for position in positions:
                found.setdefault((position, protocol), []).append(outcome)
    worst = _NOTHING_FAILED
    for (position, protocol), matching in found.items():
        requests = sum(one.estimated for one in traffic.outcomes if one.protocol is protocol)
        ratio = sum(map(_failed_calls, matching)) / requests
        status = _status(100 * ratio, tolerances.items[position])
        judgement = Judgement(status, ratio, protocol, requests, tuple(matching))
        worst = max(worst, judgement, key=lambda one: one.rank)
    return worst


def edge_health(
    traffic: Traffic, of_source: Tolerances, of_target: Tolerances, caller: str
) -> Health:
    """Return the health of an edge.

    Args:
        traffic: over the edge.
        of_source: tolerances of its source for outbound requests.
        of_target: tolerances of its target for inbound requests.
        caller: label of the source.
    """
    worst = judge(traffic, of_source)
    if of_target is not of_source:
        worst = max(worst, judge(traffic, of_target), key=lambda one: one.rank)
    return _health(worst, f"from {caller}")


def node_health(
    inbound: Traffic | None,
    outbound: Traffic | None,
    inbound_tolerances: Tolerances,
    outbound_tolerances: Tolerances,
    callers: Iterable[tuple[str, Traffic]],
    callees: Iterable[tuple[str, Traffic]],
) -> Health:
    """Return the health of a node: the worse of what it answered and what it was answered.

    Args:
        inbound: what it was sent.
        outbound: what it sent.
        inbound_tolerances: that hold for it.
        outbound_tolerances: that hold for it.
        callers: labels at the other ends of its edges with the traffic of each; asked only for
            the reason.
        callees: likewise.
    """
    received = judge(inbound, inbound_tolerances)
    sent = judge(outbound, outbound_tolerances)
    if received.rank >= sent.rank:
        return _health(received, "from", callers)
    return _health(sent, "to", callees)


def _health(judgement: Judgement, words: str, peers: Iterable[tuple[str, Traffic]] = ()) -> Health:
    if judgement.status is HealthStatus.HEALTHY:
        return HEALTHY
    if judgement.status is HealthStatus.NA:
        return NO_HEALTH
    reason = explain(
        judgement.ratio, judgement.requests, judgement.protocol, judgement.matching, words, peers
    )
    return Health(judgement.status, reason)


def judged_code(outcome: Outcome) -> str:
    """Return the code by which health judges; empty if the calls told none.

    ``-`` if there was no response; the gRPC status unless the call failed in HTTP already.
    """
    return _judged_code(outcome.code, outcome.grpc_status)


def _judged_code(code: str, grpc_status: str) -> str:
    if code == "-" or not grpc_status:
        return code
    failed_in_http = code[:1] in ("4", "5") and len(code) == 3
    return code if failed_in_http else grpc_status


def _failed_calls(outcome: Outcome) -> float:
    """Return how many of the calls, whose code matches a tolerance, count for it."""
    if judged_code(outcome):
        return outcome.estimated
    return outcome.estimated * outcome.errors / outcome.calls


def _status(percent: float, tolerance: Tolerance) -> HealthStatus:
    if percent <= 0:
        return HealthStatus.HEALTHY
    if percent >= tolerance.failure:
        return HealthStatus.FAILURE
    return HealthStatus.DEGRADED if percent >= tolerance.degraded else HealthStatus.HEALTHY


@lru_cache(maxsize=8192)
def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None
