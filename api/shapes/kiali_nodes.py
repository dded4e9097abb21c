"""A node of Kiali's graph: traffic, health, and the flags that spans can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from api.shapes.kiali_document import (
    GatewayHosts,
    GatewayInfo,
    HealthData,
    HealthState,
    NodeData,
    RequestHealth,
    ServiceEntry,
    ServiceName,
)
from api.shapes.kiali_identity import UNKNOWN, Identity
from api.shapes.kiali_options import Appender, KialiOptions
from api.shapes.kiali_traffic import Rates, node_traffic
from model.envoy import parse_service_host
from model.graph.place import PlaceKind
from model.graph.view import GraphNode, HealthStatus

__all__ = ["HEALTH_WORDS", "RATE_DECIMALS", "node_data"]

HEALTH_WORDS = {
    HealthStatus.FAILURE: "Failure",
    HealthStatus.DEGRADED: "Degraded",
    HealthStatus.HEALTHY: "Healthy",
    HealthStatus.NA: "NA",
}
"""Kiali's spelling, worst first."""

_WORST_FIRST = tuple(HEALTH_WORDS)
RATE_DECIMALS = 9
"""Of rates that are numbers; beyond are errors of adding up."""

_OUTSIDE_MESH = frozenset({PlaceKind.DATABASE, PlaceKind.MESSAGING, PlaceKind.EXTERNAL})

# Envoy's response flags that show what is configured: fault injection, circuit breaker, timeout.
_FAULT_FLAGS = frozenset({"FI", "DI"})
_BREAKER_FLAGS = frozenset({"UO"})
_TIMEOUT_FLAGS = frozenset({"UT"})


def node_data(
    who: Identity,
    members: Sequence[GraphNode],
    inbound: Mapping[str, Rates],
    outbound: Mapping[str, Rates],
    options: KialiOptions,
    *,
    is_source: bool,
    is_target: bool,
) -> NodeData:
    """Return the node that stands for ``members``, at least one."""
    kinds = {member.kind for member in members}
    flags = _flags(inbound)
    external = bool(kinds & _OUTSIDE_MESH)
    return NodeData(
        id=who.id,
        node_type=who.node_type,
        cluster=who.cluster,
        namespace=who.namespace,
        workload=who.workload,
        app=who.app,
        version=who.version,
        service=who.service,
        dest_services=[] if who.node_type in ("service", "unknown") else _services(who, members),
        traffic=node_traffic(inbound, outbound),
        health_data=(
            None
            if who.node_type == "unknown" or Appender.HEALTH not in options.appenders
            else _health(who, members, inbound, outbound)
        ),
        has_cb=bool(flags & _BREAKER_FLAGS),
        has_fault_injection=bool(flags & _FAULT_FLAGS),
        has_request_timeout=bool(flags & _TIMEOUT_FLAGS),
        is_gateway=_gateway(members) if PlaceKind.GATEWAY in kinds else None,
        is_idle=not inbound and not outbound,
        is_inaccessible=who.node_type == "unknown" or external,
        is_injected=PlaceKind.SERVICE in kinds and is_source,
        is_outside=who.namespace not in (UNKNOWN, *options.namespaces),
        is_root=is_source and not is_target,
        is_service_entry=(
            ServiceEntry(hosts=[who.service], location="MESH_EXTERNAL", namespace=UNKNOWN)
            if external
            else None
        ),
        is_waypoint=PlaceKind.WAYPOINT in kinds,
    )


def _request_health(inbound: Mapping[str, Rates], outbound: Mapping[str, Rates]) -> RequestHealth:
    """Return requests per second by protocol and code; bytes are no requests."""
    both = (
        {
            protocol: {
                code: round(rate, RATE_DECIMALS) for code, rate in sorted(rates.by_code.items())
            }
            for protocol, rates in sorted(traffic.items())
            if protocol != "tcp"
        }
        for traffic in (inbound, outbound)
    )
    received, sent = both
    return RequestHealth(inbound=received, outbound=sent, health_annotations={})


def _health(
    who: Identity,
    members: Sequence[GraphNode],
    inbound: Mapping[str, Rates],
    outbound: Mapping[str, Rates],
) -> HealthData:
    worst = min((member.health for member in members), key=lambda h: _WORST_FIRST.index(h.status))
    is_app = who.node_type == "app" and not who.workload
    return HealthData(
        requests=_request_health(inbound, outbound),
        status=HealthState(status=HEALTH_WORDS[worst.status], reason=worst.reason),
        workload_statuses=[] if is_app else msgspec.UNSET,
    )


def _flags(inbound: Mapping[str, Rates]) -> set[str]:
    """Return every response flag; proxies write several as ``UF,URX``."""
    return {
        flag
        for rates in inbound.values()
        for flags in rates.flags.values()
        for several in flags
        for flag in several.split(",")
    }


def _services(who: Identity, members: Sequence[GraphNode]) -> list[ServiceName]:
    """Return the services by which others call a workload: by its hosts, else its own."""
    found = set()
    for member in members:
        services = {
            (host.namespace, host.service)
            for text in member.hosts
            if (host := parse_service_host(text)) is not None
        }
        if not services and member.service and member.inbound is not None:
            services = {(who.namespace, member.service)}
        found |= services
    return [
        ServiceName(cluster=who.cluster, namespace=namespace, name=service)
        for namespace, service in sorted(found)
    ]


def _gateway(members: Sequence[GraphNode]) -> GatewayInfo:
    hosts = GatewayHosts(hostnames=sorted({host for member in members for host in member.hosts}))
    nothing = GatewayHosts()
    is_egress = any("egress" in (member.workload or member.service) for member in members)
    return GatewayInfo(
        ingress_info=nothing if is_egress else hosts,
        egress_info=hosts if is_egress else nothing,
        gateway_api_info=nothing,
    )
