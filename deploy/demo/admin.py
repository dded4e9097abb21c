"""What an Envoy's admin interface says about its readiness and its tracing."""

import re
from dataclasses import dataclass

import aiohttp

from deploy.demo.envoy_clusters import COLLECTOR_HOST
from deploy.demo.topology import Pod, Role

__all__ = ["TracingStats", "is_live", "tracing_stats"]

_FILTER = r"tracing|upstream_rq_(total|active)$"
_TRACED = re.compile(r"^http\..*\.tracing\.(?:random_sampling|service_forced|client_enabled)$")


@dataclass(frozen=True, slots=True)
class TracingStats:
    """The tracing counters of one Envoy.

    Attributes:
        spans_due: spans of the requests it decided to trace, ended or not.
        spans_sent: spans it handed to its exporter, whether or not the export worked.
        spans_dropped: spans it dropped because its buffer was full.
        exports_active: exports that wait for their answer.
    """

    spans_due: int
    spans_sent: int
    spans_dropped: int
    exports_active: int

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to export."""
        return self.spans_sent + self.spans_dropped == self.spans_due and not self.exports_active


async def is_live(client: aiohttp.ClientSession, url: str) -> bool:
    """Whether the Envoy has initialised and its workers accept connections."""
    try:
        async with client.get(f"{url}/ready") as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def tracing_stats(client: aiohttp.ClientSession, url: str, pod: Pod) -> TracingStats:
    """Read the tracing counters of the pod's Envoy.

    Args:
        client: an open session.
        url: of the admin interface.
        pod: whose Envoy it is; a router makes a span for each attempt, too.
    """
    parameters = {"filter": _FILTER, "format": "text"}
    async with client.get(f"{url}/stats", params=parameters) as response:
        lines = (await response.text()).splitlines()
    counters = {
        name: int(value) for name, _, value in (line.rpartition(": ") for line in lines) if name
    }
    due = sum(value for name, value in counters.items() if _TRACED.match(name))
    if pod.role is Role.ROUTER:
        due += sum(
            value
            for name, value in counters.items()
            if name.endswith(".upstream_rq_total") and _is_service(name)
        )
    return TracingStats(
        spans_due=due,
        spans_sent=counters.get("tracing.opentelemetry.spans_sent", 0),
        spans_dropped=counters.get("tracing.opentelemetry.spans_dropped", 0),
        exports_active=sum(
            value
            for name, value in counters.items()
            if name.endswith(".upstream_rq_active") and COLLECTOR_HOST in name
        ),
    )


def _is_service(counter: str) -> bool:
    return counter.startswith("cluster.outbound|") and COLLECTOR_HOST not in counter
