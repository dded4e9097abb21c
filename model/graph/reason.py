"""Why something is unwell, as one sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable

from model.graph.edge import Protocol
from model.graph.view import Outcome, Traffic
from model.response_flags import parse_response_flags

__all__ = ["explain", "percent"]

_UNITS = {Protocol.MESSAGING: "messages", Protocol.DATABASE: "queries"}
_MOST_CODES = 3

_GRPC_STATUS_NAMES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
_GRPC_STATUS = {str(number): name for number, name in enumerate(_GRPC_STATUS_NAMES)}


def explain(
    ratio: float,
    requests: float,
    protocol: Protocol,
    matching: Iterable[Outcome],
    words: str,
    peers: Iterable[tuple[str, Traffic]] = (),
) -> str:
    """Return such as ``12 % of 340 requests from productpage answered 503 (UH: no healthy …)``.

    Args:
        ratio: of the requests that ended badly.
        requests: all of them; may be an estimate.
        protocol: of them.
        matching: how those that ended badly did.
        words: ``from productpage``, or ``from`` / ``to`` and the peer is found in ``peers``.
        peers: labels with the traffic from or to each.
    """
    bad = sorted(matching, key=lambda outcome: -outcome.calls)
    unit = _UNITS.get(protocol, "requests")
    whom = _whom(words, peers, {_ending(outcome) for outcome in bad}) if peers else words
    return f"{percent(ratio)} of {round(requests):,} {unit} {whom} {_endings(bad)}{_flags(bad)}"


def percent(ratio: float) -> str:
    """Return ``12 %``, ``1.2 %``, ``0.05 %``."""
    value = round(100 * ratio, 9)
    if value >= 10:
        return f"{math.floor(value)} %"
    return f"{value:.1f} %" if value >= 1 else f"{value:.2g} %"


def _whom(word: str, peers: Iterable[tuple[str, Traffic]], endings: set[str]) -> str:
    """Name the peer that has most of the bad outcomes."""
    counts: dict[str, int] = {}
    for label, traffic in peers:
        bad = sum(one.calls for one in traffic.outcomes if _ending(one) in endings)
        counts[label] = counts.get(label, 0) + bad
    label = max(counts, key=lambda one: (counts[one], one))
    return f"{word} {label}" if len(counts) == 1 else f"(most of them {word} {label})"


def _ending(outcome: Outcome) -> str:
    if outcome.code == "-":
        return "got no response"
    if outcome.grpc_status and not (len(outcome.code) == 3 and outcome.code[0] in "45"):
        name = _GRPC_STATUS.get(outcome.grpc_status, "")
        return f"ended with gRPC status {outcome.grpc_status} {name}".rstrip()
    return f"answered {outcome.code}" if outcome.code else "failed"


def _endings(bad: list[Outcome]) -> str:
    first, *more = _distinct(_ending(outcome) for outcome in bad)[:_MOST_CODES]
    return " or ".join((first, *(one.removeprefix("answered ") for one in more)))


def _flags(bad: list[Outcome]) -> str:
    found = _distinct(str(flag) for outcome in bad for flag in parse_response_flags(outcome.flags))
    return f" ({'; '.join(found[:2])})" if found else ""


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
