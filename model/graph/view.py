"""A drawn graph: nodes and edges of one type over one window, with rates, latencies, health.

Every shape that we answer in (Kiali, Vizceral, DOT …) is an encoding of a :class:`Graph`. What a
graph has thousands of are named tuples: they are made in a fifth of a dataclass's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from model.graph.edge import Protocol, Via
from model.graph.place import PlaceKind

__all__ = [
    "Box",
    "BoxKind",
    "Exemplar",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "GraphType",
    "Health",
    "HealthStatus",
    "Latency",
    "Outcome",
    "Traffic",
]


class GraphType(StrEnum):
    """What a node stands for."""

    APP = "app"
    VERSIONED_APP = "versioned_app"
    WORKLOAD = "workload"
    SERVICE = "service"
    OPERATION = "operation"


class HealthStatus(StrEnum):
    """Kiali's words, best first; NA is no traffic to judge by."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILURE = "failure"
    NA = "na"


@dataclass(frozen=True, slots=True)
class Health:
    """How well a node or edge does, and why: empty when healthy, else one sentence."""

    status: HealthStatus
    reason: str = ""


class Latency(NamedTuple):
    """Quantiles and mean in nanoseconds, from a histogram (quantiles within 5 % of exact).

    ``total`` is the number of durations, weighted by sampling.
    """

    total: float
    mean_ns: float
    p50_ns: float
    p95_ns: float
    p99_ns: float


class Outcome(NamedTuple):
    """Calls that ended alike, as the caller's proxy saw it, else the callee's (rule G40).

    Attributes:
        code: HTTP status; ``-`` for no response, empty when not known.
        flags: response flags as sent, ``-`` for none, empty when not known.
        grpc_status: number as text; empty for HTTP.
        host: that was asked for.
    """

    protocol: Protocol
    code: str
    flags: str
    grpc_status: str
    host: str
    calls: int
    errors: int
    estimated: float


class Exemplar(NamedTuple):
    """A trace that shows it: ``value_ns`` is a latency (slowest) or a time (latest error)."""

    trace_id: str
    value_ns: int


class Traffic(NamedTuple):
    """What went over an edge, or into or out of a node.

    Attributes:
        calls, errors: as stored.
        estimated, estimated_errors: scaled by sampling; equal to the counts if nothing scales.
        standard_error: of ``estimated`` (rule G38).
        unscaled: calls whose probability nobody told.
        rate: estimated calls per second of the window.
        error_ratio: estimated errors to estimated calls; 0 to 1, 0 without calls.
        request_bytes, response_bytes: sums of stored body sizes.
        outcomes: by code and flag, most calls first.
        client, server, lag: latencies as the caller saw them, as the callee saw them, and of
            messages; None where no call told.
        slowest, latest_error: exemplars.
    """

    calls: int
    errors: int
    estimated: float
    estimated_errors: float
    standard_error: float
    unscaled: int
    rate: float
    error_ratio: float
    request_bytes: int
    response_bytes: int
    outcomes: tuple[Outcome, ...]
    client: Latency | None
    server: Latency | None
    lag: Latency | None
    slowest: Exemplar | None
    latest_error: Exemplar | None

    @property
    def latency(self) -> Latency | None:
        """The latency to show: the caller's, else the callee's, else the lag (rule G39)."""
        return self.client or self.server or self.lag


class GraphNode(NamedTuple):
    """One node.

    Attributes:
        id: stable over time and restarts: 16 hex digits of a digest of what it stands for.
        label: what to write on it (``reviews v2``).
        name: by which its traces are found; as :attr:`Place.name`.
        operation: of operation nodes; else empty.
        box: id of the innermost box around it; empty if there is none.
        inbound, outbound: what it received and sent; None for no traffic that way.
        is_root: it calls others and nobody calls it.
        is_idle: seen before, no traffic in this window.
        hosts: service hosts by which others call it, sorted.
    """

    id: str
    kind: PlaceKind
    label: str
    name: str
    cluster: str
    namespace: str
    service: str
    version: str
    workload: str
    operation: str
    box: str
    inbound: Traffic | None
    outbound: Traffic | None
    health: Health
    is_root: bool
    is_idle: bool
    hosts: tuple[str, ...]


class GraphEdge(NamedTuple):
    """Calls of one node to another over one protocol.

    Attributes:
        id: digest of source, target and protocol, as for nodes.
        share: of the source's outbound traffic of this protocol, 0 to 1.
        via: kinds of proxies that (some of) the calls passed through.
        inferred: every call of it is inferred (rule G11).
        mtls: share of the calls that were mutual TLS, of those whose tags tell; None if none does.
    """

    id: str
    source: str
    target: str
    protocol: Protocol
    asynchronous: bool
    inferred: bool
    via: tuple[Via, ...]
    traffic: Traffic
    share: float
    mtls: float | None
    source_principal: str
    destination_principal: str
    health: Health


class BoxKind(StrEnum):
    """What a box holds together."""

    CLUSTER = "cluster"
    NAMESPACE = "namespace"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around nodes; ``box`` is the id of the frame around it, or empty."""

    id: str
    kind: BoxKind
    label: str
    cluster: str
    namespace: str
    service: str
    box: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph over ``[from_ns, to_ns)``, nodes and edges in a stable order (by label, then id).

    Attributes:
        is_estimate: whether any count was scaled by sampling.
        provisional_ns: from when on late spans are still expected (rule G43); ``to_ns`` if the
            whole window is settled.
    """

    type: GraphType
    from_ns: int
    to_ns: int
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    boxes: tuple[Box, ...]
    is_estimate: bool
    provisional_ns: int
