"""What runs in the mesh: Istio's Bookinfo sample as data, and where each pod lives on loopback.

Every pod has a loopback address of its own, so the ports are Istio's well-known ones and
``peer.address`` and ``node_id`` name pods just as they do in a cluster.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ADMIN_PORT",
    "APP_PORT",
    "GATEWAY",
    "GATEWAY_PORT",
    "INBOUND_PORT",
    "OUTBOUND_PORT",
    "PODS",
    "SERVICES",
    "Endpoint",
    "Exporter",
    "Pod",
    "PodNetwork",
    "Role",
    "pods_of",
    "service_host",
]

APP_PORT = 9080
INBOUND_PORT = 15006
OUTBOUND_PORT = 15001
ADMIN_PORT = 15000
GATEWAY_PORT = 8080


class Exporter(StrEnum):
    """The transport a proxy exports its spans by."""

    GRPC = "grpc"
    HTTP = "http"


class Role(StrEnum):
    """The proxy type, as Istio writes it into the node id."""

    SIDECAR = "sidecar"
    ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Pod:
    """One workload instance with its proxy.

    Attributes:
        name: the pod's name.
        service: the Kubernetes service and the ``app`` label.
        version: the ``version`` label, which is Istio's canonical revision.
        number: the last octet of the pod's address.
        exporter: how its proxy exports.
        calls: the services its app calls, in order.
        namespace: the pod's namespace.
        role: sidecar, or router for the gateway.
    """

    name: str
    service: str
    version: str
    number: int
    exporter: Exporter
    calls: tuple[str, ...] = ()
    namespace: str = "default"
    role: Role = Role.SIDECAR

    @property
    def tracing_service_name(self) -> str:
        """``service.name`` as Istio's default ``APP_LABEL_AND_NAMESPACE`` sets it."""
        return f"{self.service}.{self.namespace}"


@dataclass(frozen=True, slots=True)
class PodNetwork:
    """The /24 of loopback addresses the pods of one mesh live in.

    Attributes:
        number: the third octet; two meshes on one machine differ in it.
    """

    number: int

    def address(self, pod: Pod) -> str:
        """The pod's address."""
        return f"127.244.{self.number}.{pod.number}"

    @property
    def first_address(self) -> str:
        """The network's own address, bound by the mesh that uses it."""
        return f"127.244.{self.number}.1"


GATEWAY = Pod(
    name="istio-ingressgateway-6f8c7d9b54-k7wzn",
    service="istio-ingressgateway",
    version="latest",
    number=10,
    exporter=Exporter.GRPC,
    calls=("productpage",),
    namespace="istio-system",
    role=Role.ROUTER,
)

PODS: tuple[Pod, ...] = (
    GATEWAY,
    Pod(
        "productpage-v1-54bb874995-x2x4q",
        "productpage",
        "v1",
        11,
        Exporter.GRPC,
        ("details", "reviews", "ratings"),
    ),
    Pod("details-v1-cf74bb974-hrlvd", "details", "v1", 12, Exporter.HTTP),
    Pod("reviews-v1-6849d9ccd9-mq8rf", "reviews", "v1", 13, Exporter.HTTP),
    Pod("reviews-v2-8cb6ddd4d-7fgzt", "reviews", "v2", 14, Exporter.GRPC, ("ratings",)),
    Pod("reviews-v3-7f7c5bd6cb-zp9wd", "reviews", "v3", 15, Exporter.HTTP, ("ratings",)),
    Pod("ratings-v1-7c4bbf97db-4tkcb", "ratings", "v1", 16, Exporter.GRPC),
)

SERVICES: tuple[str, ...] = tuple(
    dict.fromkeys(pod.service for pod in PODS if pod.role is Role.SIDECAR)
)


def pods_of(service: str) -> tuple[Pod, ...]:
    """The pods behind a service.

    Raises:
        KeyError: the mesh has no such service.
    """
    found = tuple(pod for pod in PODS if pod.service == service)
    if not found:
        raise KeyError(service)
    return found


def service_host(service: str) -> str:
    """The fully qualified host name of a service of the mesh's default namespace."""
    return f"{service}.default.svc.cluster.local"
