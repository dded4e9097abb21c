"""Traffic by how it went: well, refused by the callee as the caller's fault, or failed."""

from __future__ import annotations

from dataclasses import dataclass

from model.graph.view import Outcome, Traffic

__all__ = ["NO_TRAFFIC", "Severities", "severities"]


@dataclass(frozen=True, slots=True)
class Severities:
    """Calls per second: ``normal`` (2xx, 3xx), ``warning`` (4xx) and ``danger`` (all that failed).

    Danger is 5xx, no response, a gRPC status other than 0, and calls in error without a code.
    """

    normal: float
    warning: float
    danger: float

    @property
    def total(self) -> float:
        """All calls per second."""
        return self.normal + self.warning + self.danger

    def __add__(self, other: Severities) -> Severities:
        return Severities(
            self.normal + other.normal, self.warning + other.warning, self.danger + other.danger
        )


NO_TRAFFIC = Severities(0.0, 0.0, 0.0)


def severities(traffic: Traffic | None) -> Severities:
    """Split ``traffic``; None is no traffic. The parts add up to its rate."""
    if traffic is None or traffic.estimated <= 0:
        return NO_TRAFFIC
    warning = danger = 0.0
    for outcome in traffic.outcomes:
        if _is_warning(outcome):
            warning += outcome.estimated
        else:
            danger += outcome.estimated * _failed_share(outcome)
    per_call = traffic.rate / traffic.estimated
    warning, danger = warning * per_call, danger * per_call
    return Severities(max(0.0, traffic.rate - warning - danger), warning, danger)


def _is_warning(outcome: Outcome) -> bool:
    """Whether the callee refused the request: 4xx."""
    return outcome.code.startswith("4")


def _failed_share(outcome: Outcome) -> float:
    """Return the share of calls, 0 to 1, that failed otherwise than by a 4xx."""
    if _is_warning(outcome):
        return 0.0
    failed = outcome.code.startswith("5") or outcome.code == "-"
    if failed or outcome.grpc_status not in ("", "0"):
        return 1.0
    return outcome.errors / outcome.calls if outcome.calls else 0.0
