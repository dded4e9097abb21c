"""A check: one question of the walk, its answer, and advice that several answers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "PORT_NAMES",
    "PROVIDER",
    "PROXY_STATS",
    "REACH",
    "SAMPLING",
    "Check",
    "CheckStatus",
]

SAMPLING = (
    "Look at the share of requests that is traced: randomSamplingPercentage of Istio's Telemetry. "
    "Without it Istio traces 1 %, and its own sample file says 0."
)
PROVIDER = (
    "In meshConfig.extensionProviders let opentelemetry.service name this Service in full, and let "
    "a Telemetry resource name that provider. A name that istiod cannot resolve switches tracing "
    "off without a word; istiod's log warns."
)
PORT_NAMES = (
    "Name the Service's ports grpc-… (4317) and http-… (4318), or set appProtocol: else Envoy "
    "speaks HTTP/1.1 to 4317 and every export fails."
)
REACH = (
    "With Sidecar resources, REGISTRY_ONLY or network policies, let every namespace reach this "
    "Service."
)
PROXY_STATS = (
    "Ask a proxy: kubectl exec POD -c istio-proxy -- pilot-agent request GET "
    "'stats?filter=tracing'. spans_sent counts before sending; Envoy counts no failed export."
)


class CheckStatus(StrEnum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to one question; see ``SystemCheck`` of the contract."""

    id: str
    status: CheckStatus
    finding: str
    summary: str
    advice: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
