"""What can be varied in the mesh: faults, latency, header forwarding, sampling, batching."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.demo.topology import SERVICES

__all__ = ["MeshOptions"]


def _even_reviews() -> Mapping[str, int]:
    return {"v1": 34, "v2": 33, "v3": 33}


@dataclass(frozen=True, kw_only=True, slots=True)
class MeshOptions:
    """How one mesh behaves.

    Attributes:
        error_ratio: share (0 to 1) of the requests the failing service answers with 500.
        error_service: the service that fails.
        latency: mean of the exponential time each app works on a request, in seconds; 0 is none.
        no_forward: services whose app forwards no trace headers.
        review_weights: share in percent of each ``reviews`` version; the sum is 100.
        sampling: ``random_sampling`` of every proxy, in percent.
        min_flush_spans: Envoy's ``tracing.opentelemetry.min_flush_spans``.
        flush_interval: Envoy's ``tracing.opentelemetry.flush_interval_ms``, here in seconds.
        seed: of the apps' errors and latencies. Ids and weighted routing are Envoy's own chance.

    Raises:
        ValueError: a value is out of its range or names an unknown service.
    """

    error_ratio: float = 0.0
    error_service: str = "ratings"
    latency: float = 0.0
    no_forward: frozenset[str] = frozenset()
    review_weights: Mapping[str, int] = field(default_factory=_even_reviews)
    sampling: float = 100.0
    min_flush_spans: int = 5
    flush_interval: float = 0.2
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.error_ratio <= 1:
            raise ValueError(f"error_ratio is {self.error_ratio}: it is a share from 0 to 1")
        if self.latency < 0:
            raise ValueError(f"latency is {self.latency}: it is a time in seconds, 0 or more")
        if not 0 <= self.sampling <= 100:
            raise ValueError(f"sampling is {self.sampling}: it is a percentage from 0 to 100")
        if self.min_flush_spans < 1 or self.flush_interval <= 0:
            raise ValueError("min_flush_spans and flush_interval are greater than zero")
        unknown = {self.error_service, *self.no_forward} - set(SERVICES)
        if unknown:
            raise ValueError(
                f"the mesh has no service {', '.join(sorted(unknown))}; "
                f"it has {', '.join(SERVICES)}"
            )
        if sum(self.review_weights.values()) != 100 or set(self.review_weights) - {
            "v1",
            "v2",
            "v3",
        }:
            raise ValueError("review_weights are the percentages of v1, v2 and v3 and sum to 100")
