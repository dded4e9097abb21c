"""Which pod had which IP address when (rules G22 and G24)."""

from __future__ import annotations

from dataclasses import dataclass

from model.graph.place import Place

__all__ = ["Pod"]


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod seen in the ``node_id`` of spans.

    Attributes:
        address: its IP, without a port.
        place: its workload (kind WORKLOAD, GATEWAY or WAYPOINT).
        pod: its name.
        first_seen_ns, last_seen_ns: times of traces it made spans in, exact to the minute.
    """

    address: str
    place: Place
    pod: str
    first_seen_ns: int
    last_seen_ns: int
