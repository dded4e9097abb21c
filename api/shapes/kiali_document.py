"""The JSON of Kiali's graph, member by member (its ``graph/config/common``).

Numbers are strings there. What is false, empty or zero is left out, but for the members that
have no default here.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "EdgeData",
    "EdgeWrapper",
    "Elements",
    "GatewayHosts",
    "GatewayInfo",
    "HealthData",
    "HealthState",
    "KialiDocument",
    "NodeData",
    "NodeWrapper",
    "ProtocolTraffic",
    "RequestHealth",
    "ResponseDetail",
    "ServiceEntry",
    "ServiceName",
    "WaypointEdge",
]


class _Sparse(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    pass


class ServiceName(_Sparse, frozen=True, kw_only=True):
    """A service by which a node is called."""

    cluster: str
    namespace: str
    name: str


class ResponseDetail(_Sparse, frozen=True, kw_only=True):
    """Of one response code: percent of the edge's traffic by flags and by host."""

    flags: dict[str, str] = {}
    hosts: dict[str, str] = {}


class ProtocolTraffic(_Sparse, frozen=True, kw_only=True):
    """Rates of one protocol, by Kiali's names for them; edges have responses by code too."""

    protocol: str = ""
    rates: dict[str, str] = {}
    responses: dict[str, ResponseDetail] = {}


class RequestHealth(_Sparse, frozen=True, kw_only=True):
    """Requests per second by protocol and response code."""

    inbound: dict[str, dict[str, float]]
    outbound: dict[str, dict[str, float]]
    health_annotations: dict[str, str]


class HealthState(_Sparse, frozen=True, kw_only=True):
    """Healthy, Degraded, Failure or NA, and why."""

    status: str
    reason: str = ""


class HealthData(_Sparse, frozen=True, kw_only=True):
    """What Kiali computes a node's health from, and the health as we see it.

    Replicas (``workloadStatus`` of workloads, ``workloadStatuses`` of apps) are Kubernetes'
    knowledge and always empty.
    """

    requests: RequestHealth
    status: HealthState
    workload_status: None = None
    workload_statuses: list[str] | msgspec.UnsetType = msgspec.UNSET


class GatewayHosts(_Sparse, frozen=True, kw_only=True):
    """Hosts that a gateway serves."""

    hostnames: list[str] = []


class GatewayInfo(_Sparse, frozen=True, kw_only=True):
    """Which kind of gateway a node is: the one with hosts."""

    ingress_info: GatewayHosts
    egress_info: GatewayHosts
    gateway_api_info: GatewayHosts = msgspec.field(name="gatewayAPIInfo")


class ServiceEntry(_Sparse, frozen=True, kw_only=True):
    """What lies outside of the mesh."""

    hosts: list[str]
    location: str
    namespace: str


class NodeData(_Sparse, frozen=True, kw_only=True):
    """A node or a box."""

    id: str
    parent: str = ""
    node_type: str
    cluster: str
    namespace: str
    workload: str = ""
    app: str = ""
    version: str = ""
    service: str = ""
    aggregate: str = ""
    dest_services: list[ServiceName] = []
    traffic: list[ProtocolTraffic] = []
    health_data: HealthData | None
    has_cb: bool = msgspec.field(name="hasCB", default=False)
    has_fault_injection: bool = False
    has_request_timeout: bool = False
    is_box: str = ""
    is_gateway: GatewayInfo | None = None
    is_idle: bool = False
    is_inaccessible: bool = False
    is_injected: bool = False
    is_outside: bool = False
    is_root: bool = False
    is_service_entry: ServiceEntry | None = None
    is_waypoint: bool = False


class WaypointEdge(_Sparse, frozen=True, kw_only=True):
    """``to`` or ``from`` a waypoint, and of two edges there and back the one back."""

    direction: str
    from_edge: EdgeData | None = None


class EdgeData(_Sparse, frozen=True, kw_only=True):
    """Traffic of one protocol between two nodes."""

    id: str
    source: str
    target: str
    dest_principal: str = ""
    health_status: str = ""
    is_mtls: str = msgspec.field(name="isMTLS", default="")
    response_time: str = ""
    source_principal: str = ""
    throughput: str = ""
    traffic: ProtocolTraffic
    waypoint: WaypointEdge | None = None


class NodeWrapper(msgspec.Struct, frozen=True):
    """As Cytoscape had it."""

    data: NodeData


class EdgeWrapper(msgspec.Struct, frozen=True):
    """As Cytoscape had it."""

    data: EdgeData


class Elements(msgspec.Struct, frozen=True):
    """Nodes, boxes first, and edges."""

    nodes: list[NodeWrapper]
    edges: list[EdgeWrapper]


class KialiDocument(msgspec.Struct, frozen=True, rename="camel"):
    """The answer; times in seconds."""

    timestamp: int
    duration: int
    graph_type: str
    elements: Elements
