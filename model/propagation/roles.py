"""What the class of a span tells the doctor: whose it is, and where on the way of a request."""

from __future__ import annotations

from dataclasses import dataclass

from model.envoy import (
    ClusterKind,
    ProxyType,
    parse_node_id,
    parse_service_host,
    parse_upstream_cluster,
)
from model.graph.directions import (
    Direction,
    cluster_kind_of,
    direction_of,
    is_attempt,
    proxy_type_of,
)
from model.graph.place import Place, PlaceKind
from model.graph.span_columns import SpanClass

__all__ = ["PodKey", "PodName", "Role", "WorkloadKey", "role_of", "subject_of", "workload_key"]

PodKey = tuple[str, str, str]
"""Cluster, namespace and pod name; the name is the node id where no pod is told."""

_KINDS = {ProxyType.GATEWAY: PlaceKind.GATEWAY, ProxyType.WAYPOINT: PlaceKind.WAYPOINT}

PodName = tuple[str, str]
"""Namespace and pod name: an application's SDK often does not know its cluster."""

WorkloadKey = tuple[str, str, str]
"""Cluster, namespace, and workload or else service: what a finding is about."""

# Envoy answered by itself or could not connect: nobody was there to make a span.
_NOT_REACHED = frozenset(
    "UH UF UO NR NC NFCF DF RL RLSE UAEX FI DPE IH LH OM DO RFCF UMSDR".split()  # noqa: SIM905 - words
)


@dataclass(frozen=True, slots=True)
class Role:
    """Facts of a span's class.

    Attributes:
        direction: effective direction.
        proxy: type of the proxy whose listener made the span; None for attempts and others.
        is_attempt: an upstream attempt of a proxy.
        pod: whose span it is; None when no pod is known.
        place: the workload.
        operation: the span's name.
        called_host: host of an outbound upstream cluster; empty if there is none.
        called_service: the service that the host names in Kubernetes; None for other hosts.
        reached: whether the request can have reached the callee, by its response flags.
        is_probe: of a health check.
    """

    direction: Direction
    proxy: ProxyType | None
    is_attempt: bool
    pod: PodKey | None
    place: Place
    operation: str
    called_host: str
    called_service: Place | None
    reached: bool
    is_probe: bool


def role_of(span: SpanClass) -> Role:
    """Return the role of a class of spans."""
    host = ""
    if cluster_kind_of(span) is ClusterKind.OUTBOUND:
        cluster = parse_upstream_cluster(span.upstream_cluster)
        host = cluster.host if cluster is not None else ""
    return Role(
        direction=direction_of(span),
        proxy=proxy_type_of(span),
        is_attempt=is_attempt(span),
        pod=_pod(span),
        place=subject_of(span),
        operation=span.name,
        called_host=host,
        called_service=_service(span, host),
        reached=_NOT_REACHED.isdisjoint(span.response_flags.split(",")),
        is_probe=span.is_probe,
    )


def workload_key(place: Place) -> WorkloadKey:
    """Return what two places have in common if a finding about one is about the other."""
    return place.cluster, place.namespace, place.workload or place.service or place.name


def subject_of(span: SpanClass) -> Place:
    """Return the workload that made a span, without what tells its pods apart."""
    proxy, of = proxy_type_of(span), span.identity
    kind = PlaceKind.WORKLOAD if proxy is None else _KINDS.get(proxy, PlaceKind.WORKLOAD)
    return Place(
        kind, of.cluster, of.namespace, of.service, of.version, of.workload, span.service_name
    )


def _pod(span: SpanClass) -> PodKey | None:
    of = span.identity
    if of.pod:
        return of.cluster, of.namespace, of.pod
    node = parse_node_id(span.node_id)
    return (of.cluster, of.namespace, span.node_id) if node is not None else None


def _service(span: SpanClass, host: str) -> Place | None:
    service = parse_service_host(host) if host else None
    if service is None:
        return None
    return Place(
        PlaceKind.SERVICE,
        cluster=span.identity.cluster,
        namespace=service.namespace,
        service=service.service,
        name=f"{service.service}.{service.namespace}",
    )
