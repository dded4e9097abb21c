"""Who made a span: the identity (cluster, namespace, service, version, workload, pod) of a mesh.

In a mesh one service has many names: a sidecar says ``reviews.default``, the application's SDK
says ``reviews`` in the namespace ``default``, and a waypoint says
``reviews.default.svc.cluster.local``. They are one service here (ARCHITECTURE.md, decision 9).
"""

from __future__ import annotations

from dataclasses import dataclass

from model.attributes import Attributes
from model.envoy import (
    NodeId,
    ProxyType,
    is_proxy_span,
    parse_node_id,
    parse_service_host,
    workload_of_pod,
)
from model.span import MeshIdentity

__all__ = [
    "IDENTITY_RESOURCE_KEYS",
    "IDENTITY_SPAN_KEYS",
    "ServiceSelector",
    "identify",
    "parse_service_name",
]

_WORKLOAD_KEYS = (
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
)

IDENTITY_RESOURCE_KEYS = (
    "service.name",
    "service.namespace",
    "service.version",
    "telemetry.sdk.name",
    "k8s.cluster.name",
    "k8s.namespace.name",
    "k8s.pod.name",
    *_WORKLOAD_KEYS,
)
"""The resource attributes that :func:`identify` reads; a cache may use them as its key."""

IDENTITY_SPAN_KEYS = (
    "component",
    "node_id",
    "istio.canonical_service",
    "istio.canonical_revision",
    "istio.namespace",
    "istio.cluster_id",
)
"""The span attributes that :func:`identify` reads; a cache may use them as its key."""

# What Istio and SDKs write when they do not know.
_UNKNOWN = frozenset({"", "-", "unknown"})
_UNKNOWN_SERVICE = "unknown_service"


def identify(resource_attributes: Attributes, span_attributes: Attributes) -> MeshIdentity:
    """Return who made a span, from its resource's and its own attributes; it never fails.

    Each part is the first that is known (empty, ``-`` and ``unknown`` are not known):

    - cluster: ``istio.cluster_id``, ``k8s.cluster.name``.
    - namespace: ``k8s.namespace.name``, ``service.namespace``, ``istio.namespace``, that of
      ``node_id``, that inside ``service.name``.
    - version: ``istio.canonical_revision``, ``service.version``.
    - pod: that of ``node_id``, ``k8s.pod.name``.
    - workload: ``k8s.{deployment,statefulset,daemonset,cronjob,job}.name``, else from the
      pod's name (rule G3).
    - service: ``istio.canonical_service``, ``service.name`` without its namespace, the
      workload.

    ``service.name`` is taken apart only where something says that it has parts: it is a
    Kubernetes service host (``a.b.svc…``) of the known namespace or of none known; or it ends
    with ``.`` and the known namespace; or no namespace is known, Envoy made the span, and the
    name has one dot (Istio's ``<app>.<namespace>``). Otherwise a dot belongs to the name
    (``api.example.com`` is a service of that name).

    A waypoint is never named by ``service.name`` while there is another source: Istio 1.28 and
    1.29 put the destination's host there.
    """
    node = _node(span_attributes)
    pod = node.pod if node is not None and node.pod else _text(resource_attributes, "k8s.pod.name")
    revision = _text(span_attributes, "istio.canonical_revision")
    canonical = _text(span_attributes, "istio.canonical_service")
    service, namespace = _service(resource_attributes, span_attributes, node)
    workload = _workload(resource_attributes, pod, canonical, revision)
    if canonical:
        service = canonical
    elif workload and (not service or (node is not None and node.type is ProxyType.WAYPOINT)):
        service = workload
    return MeshIdentity(
        cluster=_text(span_attributes, "istio.cluster_id")
        or _text(resource_attributes, "k8s.cluster.name"),
        namespace=namespace,
        service=service,
        version=revision or _text(resource_attributes, "service.version"),
        workload=workload,
        pod=pod,
    )


def _text(attributes: Attributes, key: str) -> str:
    value = attributes.get(key)
    return value if isinstance(value, str) and value not in _UNKNOWN else ""


def _node(span_attributes: Attributes) -> NodeId | None:
    node_id = _text(span_attributes, "node_id")
    return parse_node_id(node_id) if node_id else None


def _service(
    resource_attributes: Attributes, span_attributes: Attributes, node: NodeId | None
) -> tuple[str, str]:
    namespace = (
        _text(resource_attributes, "k8s.namespace.name")
        or _text(resource_attributes, "service.namespace")
        or _text(span_attributes, "istio.namespace")
        or (node.namespace if node is not None else "")
    )
    name = _text(resource_attributes, "service.name")
    if name.startswith(_UNKNOWN_SERVICE):
        name = ""
    host = parse_service_host(name)
    if host is not None and namespace in ("", host.namespace):
        return host.service, host.namespace
    if namespace:
        return name.removesuffix(f".{namespace}"), namespace
    by_envoy = is_proxy_span(span_attributes) or (
        resource_attributes.get("telemetry.sdk.name") == "envoy"
    )
    if by_envoy and name.count(".") == 1 and not name.startswith(".") and not name.endswith("."):
        service, _, namespace = name.partition(".")
        return service, namespace
    return name, ""


def _workload(resource_attributes: Attributes, pod: str, canonical: str, revision: str) -> str:
    for key in _WORKLOAD_KEYS:
        if name := _text(resource_attributes, key):
            return name
    workload = workload_of_pod(pod)
    # A suffix that Kubernetes would not make (a virtual machine, a hand-written node id): the
    # labels tell where the workload's name ends.
    versioned = f"{canonical}-{revision}"
    if workload == pod and canonical and revision and pod.startswith(f"{versioned}-"):
        return versioned
    return workload


@dataclass(frozen=True, slots=True)
class ServiceSelector:
    """The spans that a service name, in any of its forms, stands for.

    Attributes:
        name: as asked; matches a span's ``service_name`` exactly.
        service: matches ``identity.service``, together with ``namespace``.
        namespace: matches ``identity.namespace``; empty for every namespace.
    """

    name: str
    service: str
    namespace: str

    def matches(self, service_name: str, identity: MeshIdentity) -> bool:
        """Whether a span with this ``service_name`` and ``identity`` is of the service."""
        return service_name == self.name or (
            identity.service == self.service and self.namespace in ("", identity.namespace)
        )


def parse_service_name(name: str) -> ServiceSelector:
    """Return the selector of a service name: ``reviews``, ``reviews.default`` or a host.

    A bare name stands for the service in every namespace. Of a dotted name the last part is
    tried as the namespace (``reviews.default``), and the whole as an exact ``service_name``
    (``api.example.com``); of a Kubernetes host the port and the domain do not matter.
    """
    host = parse_service_host(name)
    if host is not None:
        return ServiceSelector(name, host.service, host.namespace)
    service, _, namespace = name.rpartition(".")
    if service and namespace:
        return ServiceSelector(name, service, namespace)
    return ServiceSelector(name, name, "")
