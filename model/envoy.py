"""The texts that Envoy and Istio put into tags, parsed: node ids, cluster names, proxy spans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from model.attributes import Attributes

__all__ = [
    "ClusterKind",
    "NodeId",
    "ProxyType",
    "ServiceHost",
    "UpstreamCluster",
    "is_proxy_span",
    "parse_node_id",
    "parse_service_host",
    "parse_upstream_cluster",
    "workload_of_pod",
]

_CACHED_TEXTS = 65_536


class ProxyType(StrEnum):
    """The first part of Istio's node id."""

    SIDECAR = "sidecar"
    GATEWAY = "router"
    WAYPOINT = "waypoint"


@dataclass(frozen=True, slots=True)
class NodeId:
    """Istio's node id ``type~ip~pod.namespace~domain``; a part that is not told is empty."""

    type: ProxyType
    ip: str
    pod: str
    namespace: str


@dataclass(frozen=True, slots=True)
class ServiceHost:
    """A Kubernetes service host such as ``reviews.default.svc.cluster.local``."""

    service: str
    namespace: str


class ClusterKind(StrEnum):
    """What an upstream cluster's name says about where a request went."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    PASSTHROUGH = "passthrough"
    INBOUND_PASSTHROUGH = "inbound passthrough"
    BLACK_HOLE = "black hole"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class UpstreamCluster:
    """An Envoy cluster's name, parsed.

    Attributes:
        name: as sent, without the ``;`` that ends Istio's alternative statistics names.
        port: 0 when the name has none.
        subset: of the DestinationRule, empty when none.
        host: of the called service; empty where the name has none (inbound, passthrough).
    """

    name: str
    kind: ClusterKind
    port: int = 0
    subset: str = ""
    host: str = ""


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_node_id(text: str) -> NodeId | None:
    """Parse the tag ``node_id``; None if it is not in Istio's form (as in plain Envoy)."""
    parts = text.split("~")
    if len(parts) != 4:
        return None
    type_text, ip, name, domain = parts
    try:
        proxy_type = ProxyType(type_text)
    except ValueError:  # a proxy type that this version of Istio does not have
        return None
    # A pod's name may hold dots, a namespace's cannot.
    pod, dot, namespace = name.rpartition(".")
    if not dot:
        pod, namespace = name, domain.partition(".svc.")[0] if ".svc." in domain else ""
    return NodeId(proxy_type, ip, pod, namespace)


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_service_host(text: str) -> ServiceHost | None:
    """Parse ``service.namespace.svc[.domain][:port]``; None if it is any other host."""
    labels = text.partition(":")[0].rstrip(".").split(".")
    if len(labels) < 3 or labels[2] != "svc" or not labels[0] or not labels[1]:
        return None
    return ServiceHost(service=labels[0], namespace=labels[1])


_FIXED_CLUSTERS = {
    "PassthroughCluster": ClusterKind.PASSTHROUGH,
    "InboundPassthroughCluster": ClusterKind.INBOUND_PASSTHROUGH,
    "InboundPassthroughClusterIpv4": ClusterKind.INBOUND_PASSTHROUGH,
    "InboundPassthroughClusterIpv6": ClusterKind.INBOUND_PASSTHROUGH,
    "BlackHoleCluster": ClusterKind.BLACK_HOLE,
}
_DIRECTIONS = {
    "outbound": ClusterKind.OUTBOUND,
    "inbound": ClusterKind.INBOUND,
    "inbound-vip": ClusterKind.INBOUND,  # a waypoint's cluster for the service it stands before
}


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_upstream_cluster(text: str) -> UpstreamCluster | None:
    """Parse ``upstream_cluster`` or ``upstream_cluster.name``; None if ``text`` is empty.

    Knows Istio's ``direction|port|subset|host``, the same with ``_.`` for ``|`` (east-west
    gateways) and the fixed names. Any other name is a plain Envoy's: kind OTHER, no host.
    """
    name = text.removesuffix(";")
    if not name:
        return None
    if name in _FIXED_CLUSTERS:
        return UpstreamCluster(name, _FIXED_CLUSTERS[name])
    parts = name.split("|") if "|" in name else name.split("_.")
    if len(parts) != 4 or parts[0] not in _DIRECTIONS:
        return UpstreamCluster(name, ClusterKind.OTHER)
    direction, port, subset, host = parts
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else 0
    return UpstreamCluster(name, _DIRECTIONS[direction], number, subset, host)


def is_proxy_span(attributes: Attributes) -> bool:
    """Whether Envoy made the span: its scope and resource can be switched off, this tag not."""
    return attributes.get("component") == "proxy"


# Kubernetes builds random name parts from these only, so that they make no words
# (k8s.io/apimachinery util/rand). Older clusters used decimal template hashes.
_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
_OF_DEPLOYMENT = re.compile(
    rf"(.+)-(?:{_RANDOM}{{5,10}}|(?=[a-z]*[0-9])[a-z0-9]{{8,10}})-[a-z0-9]{{5}}"
)
_OF_CRON_JOB = re.compile(rf"(.+)-[0-9]{{8,10}}-{_RANDOM}{{5}}")
_OF_STATEFUL_SET = re.compile(r"(.+)-(?:0|[1-9][0-9]*)")
_OF_DAEMON_SET = re.compile(rf"(.+)-{_RANDOM}{{5}}")


@lru_cache(maxsize=_CACHED_TEXTS)
def workload_of_pod(pod: str) -> str:
    """Return the workload that owns a pod, told by the pod's name alone (rule G3).

    Takes off the replica set's and the pod's suffix, a cron job's run, a StatefulSet's ordinal
    or a DaemonSet's suffix. A name without such a suffix is the workload's own.
    """
    for pattern in (_OF_CRON_JOB, _OF_DEPLOYMENT, _OF_STATEFUL_SET, _OF_DAEMON_SET):
        if found := pattern.fullmatch(pod):
            return found[1]
    return pod
