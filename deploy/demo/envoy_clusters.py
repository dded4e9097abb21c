"""Envoy's clusters of one pod: the services it calls, its own app, and the tracing backend."""

from deploy.demo.envoy_json import Json, typed
from deploy.demo.topology import (
    APP_PORT,
    INBOUND_PORT,
    Endpoint,
    Exporter,
    Pod,
    PodNetwork,
    pods_of,
    service_host,
)

__all__ = [
    "COLLECTOR_HOST",
    "INBOUND_NAME",
    "collector",
    "collector_name",
    "exporter",
    "inbound",
    "outbound_name",
    "outbound_of",
]

INBOUND_NAME = f"inbound|{APP_PORT}||"
COLLECTOR_HOST = "spanloom.observability.svc.cluster.local"
_COLLECTOR_PORTS = {Exporter.GRPC: 4317, Exporter.HTTP: 4318}
_EXPORT_TIMEOUT = "10s"


def outbound_name(host: str, subset: str = "") -> str:
    """Istio's name of the cluster that calls ``host``."""
    return f"outbound|{APP_PORT}|{subset}|{host}"


def collector_name(transport: Exporter) -> str:
    """The name of the cluster spans are exported to."""
    return f"outbound|{_COLLECTOR_PORTS[transport]}||{COLLECTOR_HOST}"


def outbound_of(pod: Pod, network: PodNetwork) -> list[Json]:
    """A cluster for each service the pod calls, and one for each version of it.

    They leave from the pod's address: its peers then report it as ``peer.address``.
    """
    found: list[Json] = []
    for service in pod.calls:
        host = service_host(service)
        pods = pods_of(service)
        found.append(_outbound(outbound_name(host), pods, pod, network))
        if len(pods) > 1:
            found += [
                _outbound(outbound_name(host, peer.version), (peer,), pod, network) for peer in pods
            ]
    return found


def inbound(address: str) -> Json:
    """The cluster of the pod's own app."""
    return _static(INBOUND_NAME, [Endpoint(address, APP_PORT)])


def collector(transport: Exporter, at: Endpoint) -> Json:
    """The tracing backend's cluster; gRPC needs HTTP/2 without negotiation."""
    cluster = _static(collector_name(transport), [at])
    if transport is Exporter.HTTP:
        return cluster
    protocol = typed(
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        {"explicit_http_config": {"http2_protocol_options": {}}},
    )
    return {
        **cluster,
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol
        },
    }


def exporter(transport: Exporter) -> Json:
    """The exporter part of ``OpenTelemetryConfig``, as an Istio extension provider gives it."""
    cluster = collector_name(transport)
    if transport is Exporter.GRPC:
        return {
            "grpc_service": {
                "envoy_grpc": {"cluster_name": cluster, "authority": COLLECTOR_HOST},
                "timeout": _EXPORT_TIMEOUT,
            }
        }
    return {
        "http_service": {
            "http_uri": {
                # Without a scheme, as Istio builds it.
                "uri": f"{COLLECTOR_HOST}:{_COLLECTOR_PORTS[transport]}/v1/traces",
                "cluster": cluster,
                "timeout": _EXPORT_TIMEOUT,
            }
        }
    }


def _outbound(name: str, peers: tuple[Pod, ...], pod: Pod, network: PodNetwork) -> Json:
    endpoints = [Endpoint(network.address(peer), INBOUND_PORT) for peer in peers]
    source: Json = {"address": network.address(pod), "port_value": 0}
    return {
        **_static(name, endpoints),
        "upstream_bind_config": {"source_address": source},
    }


def _static(name: str, endpoints: list[Endpoint]) -> Json:
    addresses: list[Json] = [
        {"endpoint": {"address": {"socket_address": {"address": at.host, "port_value": at.port}}}}
        for at in endpoints
    ]
    return {
        "name": name,
        # Istio ends the name with `;` so that the stats' tag extraction finds where it stops.
        "alt_stat_name": f"{name};",
        "type": "STATIC",
        "connect_timeout": "10s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": addresses}]},
    }
