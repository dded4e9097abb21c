"""Who made the spans that are stored: services and namespaces, with their spans of late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from model.graph.measures import OperationTable
from model.graph.pods import Pod
from storage.interface import Service

__all__ = ["Sender", "namespaces", "senders"]

_Key = tuple[str, str, str]


@dataclass(slots=True)
class Sender:
    """A service or, without ``service``, a namespace.

    Attributes:
        services: how many of them it stands for.
        workloads, pods: names, seen in the window.
        spans: in the window.
        last_seen_ns: start of the newest span, exact to the minute.
    """

    cluster: str
    namespace: str
    service: str = ""
    services: int = 0
    workloads: set[str] = field(default_factory=set)
    pods: set[str] = field(default_factory=set)
    spans: int = 0
    last_seen_ns: int = 0

    def add(self, other: Sender) -> None:
        """Add the figures of another sender that this one stands for too."""
        self.services += other.services
        self.workloads |= other.workloads
        self.pods |= other.pods
        self.spans += other.spans
        self.last_seen_ns = max(self.last_seen_ns, other.last_seen_ns)


def senders(
    services: Iterable[Service], operations: OperationTable, pods: Iterable[Pod]
) -> list[Sender]:
    """Return the services, the one seen last first; then by their names.

    Args:
        services: of the catalogue.
        operations: of the window.
        pods: of the window.
    """
    found: dict[_Key, Sender] = {}
    for known in services:
        # A span that tells no identity is known by the name it sent.
        service = known.service or known.name
        key = (known.cluster, known.namespace, service)
        sender = found.setdefault(key, Sender(*key, services=1))
        sender.last_seen_ns = max(sender.last_seen_ns, known.last_seen_ns)
    for operation, spans in zip(operations.keys, operations.measures.calls.tolist(), strict=True):
        place = operation.place
        key = (place.cluster, place.namespace, place.service or place.name)
        if key in found:
            found[key].spans += spans
            found[key].workloads |= {place.workload} - {""}
    for pod in pods:
        place = pod.place
        key = (place.cluster, place.namespace, place.service or place.name)
        if key in found:
            found[key].pods.add(pod.pod)
    return sorted(
        found.values(),
        key=lambda each: (-each.last_seen_ns, each.cluster, each.namespace, each.service),
    )


def namespaces(services: Sequence[Sender]) -> list[Sender]:
    """Return the sums by cluster and namespace, the one with most spans first."""
    found: dict[tuple[str, str], Sender] = {}
    for service in services:
        key = (service.cluster, service.namespace)
        found.setdefault(key, Sender(*key)).add(service)
    return sorted(found.values(), key=lambda each: (-each.spans, each.cluster, each.namespace))
