"""What tells edges and operations apart: their keys in the finest grain that is stored.

Every view is a projection of these (rule G47), so what a view groups or filters by is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum

from model.graph.place import Place
from model.span import SpanKind, StatusCode

__all__ = ["ALL_VIEWS", "EdgeKey", "OperationKey", "Protocol", "Via", "View"]


class Protocol(StrEnum):
    """How one place calls another."""

    HTTP = "http"
    GRPC = "grpc"
    TCP = "tcp"
    DATABASE = "database"
    MESSAGING = "messaging"
    UNKNOWN = "unknown"

    # As of :class:`model.graph.place.PlaceKind`.
    __hash__ = str.__hash__


class Via(StrEnum):
    """The kind of proxy between the two ends of an edge."""

    NOTHING = ""
    GATEWAY = "gateway"
    WAYPOINT = "waypoint"

    # As of :class:`model.graph.place.PlaceKind`.
    __hash__ = str.__hash__


class View(IntFlag):
    """In which views an edge exists (rules G17 and G18): the caller chooses exactly one.

    A gateway or waypoint is drawn as a node of its own, or edges pass through it. An edge that
    touches neither exists in all four.
    """

    GATEWAYS_WAYPOINTS = 1  # both are nodes
    GATEWAYS = 2  # the default: gateways are nodes, edges pass through waypoints
    WAYPOINTS = 4
    NEITHER = 8


ALL_VIEWS = View(15)


@dataclass(frozen=True, slots=True, order=True)
class EdgeKey:
    """What tells two edges apart.

    Attributes:
        source, destination: caller and callee.
        operation: what was called: the name of the callee's first span, of a peer without spans
            that of the caller's span.
        host: the host that was asked for (``reviews.default.svc.cluster.local``), or empty.
        asynchronous: by a message; the caller did not wait (rules G29 and G32).
        inferred: found only by hanging an orphan under the root (rule G11).
        views: in which views the edge exists.
        via: the proxy kind that this edge passes through in views where it does.
        source_address: IP of the caller, where the tree does not tell the caller and it is no
            gateway that was called; resolved to a workload when read (rule G24). ``source`` is
            what holds if it resolves to nothing.
        source_code, source_flags: HTTP status and response flags that the caller's proxy (else
            the caller) saw; empty when it reported none, ``-`` for no response or no flag (G40).
        destination_code, destination_flags: the same of the callee's side.
        grpc_status: number as text; empty when the call was no gRPC.
        mtls: whether tags tell that the call was mutual TLS; None when they do not tell.
        source_principal, destination_principal: SPIFFE ids where tags tell them.
    """

    source: Place
    destination: Place
    operation: str = ""
    host: str = ""
    protocol: Protocol = Protocol.UNKNOWN
    asynchronous: bool = False
    inferred: bool = False
    views: int = int(ALL_VIEWS)
    via: Via = Via.NOTHING
    source_address: str = ""
    source_code: str = ""
    source_flags: str = ""
    destination_code: str = ""
    destination_flags: str = ""
    grpc_status: str = ""
    mtls: bool | None = None
    source_principal: str = ""
    destination_principal: str = ""


@dataclass(frozen=True, slots=True, order=True)
class OperationKey:
    """Spans of one place, name, kind and outcome: what RED metrics are made of.

    Attributes:
        place: that made the spans.
        operation: the spans' name.
        code: HTTP status code as text; empty when not sent.
        grpc_status: number as text; empty when not sent.
    """

    place: Place
    operation: str
    kind: SpanKind
    status: StatusCode
    code: str = ""
    grpc_status: str = ""
