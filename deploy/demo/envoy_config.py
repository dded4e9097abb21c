"""The Envoy bootstrap of one pod, as Istio's pilot and injector write it.

Pure: options in, a JSON-ready mapping out. Names of clusters, decorators and tags follow
``pilot/pkg/networking/core`` of Istio 1.30; what Istio adds for mTLS and xDS is left out.
"""

from collections.abc import Mapping

from deploy.demo import envoy_clusters as clusters
from deploy.demo.envoy_json import Json, JsonValue, typed
from deploy.demo.options import MeshOptions
from deploy.demo.topology import (
    ADMIN_PORT,
    APP_PORT,
    GATEWAY_PORT,
    INBOUND_PORT,
    OUTBOUND_PORT,
    Endpoint,
    Exporter,
    Pod,
    PodNetwork,
    Role,
    service_host,
)

__all__ = ["bootstrap"]

_HTTP_FILTERS = "envoy.extensions.filters.http"
_HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"

# Istio's default retries. A 5xx of the app is not among them.
_RETRY_POLICY: Json = {
    "retry_on": "connect-failure,refused-stream,unavailable,cancelled",
    "num_retries": 2,
    "host_selection_retry_max_attempts": "5",
}

# The routes of Bookinfo's gateway VirtualService.
_GATEWAY_PATHS: tuple[tuple[Json, str], ...] = (
    ({"path": "/productpage"}, "/productpage"),
    ({"path": "/login"}, "/login"),
    ({"path": "/logout"}, "/logout"),
    ({"prefix": "/static"}, "/static*"),
    ({"prefix": "/api/v1/products"}, "/api/v1/products*"),
)


def bootstrap(
    pod: Pod,
    network: PodNetwork,
    otlp_grpc: Endpoint,
    otlp_http: Endpoint,
    options: MeshOptions,
) -> Json:
    """The complete bootstrap of the pod's Envoy.

    Args:
        pod: whose proxy this is.
        network: where the pods of the mesh live.
        otlp_grpc: where proxies that export by gRPC send their spans.
        otlp_http: where the others do.
        options: what varies.
    """
    collector = otlp_grpc if pod.exporter is Exporter.GRPC else otlp_http
    router = pod.role is Role.ROUTER
    listeners = [_gateway(pod, network, options)] if router else _sidecar(pod, network, options)
    return {
        "node": _node(pod, network.address(pod)),
        "admin": {"address": _address(network.address(pod), ADMIN_PORT)},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _runtime(options)}]},
        "static_resources": {
            "listeners": listeners,
            "clusters": [
                *(clusters.outbound_of(pod, network)),
                *([] if router else [clusters.inbound(network.address(pod))]),
                clusters.collector(pod.exporter, collector),
            ],
        },
    }


def _node(pod: Pod, address: str) -> Json:
    domain = f"{pod.namespace}.svc.cluster.local"
    return {
        "id": f"{pod.role}~{address}~{pod.name}.{pod.namespace}~{domain}",
        "cluster": pod.tracing_service_name,
        "locality": {"region": "demo", "zone": "demo-a" if pod.number % 2 else "demo-b"},
    }


def _runtime(options: MeshOptions) -> Json:
    return {
        "tracing.opentelemetry.min_flush_spans": options.min_flush_spans,
        "tracing.opentelemetry.flush_interval_ms": round(options.flush_interval * 1000),
        "overload.global_downstream_max_connections": 50_000,
    }


def _gateway(pod: Pod, network: PodNetwork, options: MeshOptions) -> Json:
    host = service_host("productpage")
    routes = [
        _route(match, host + f":{APP_PORT}{path}", {"cluster": clusters.outbound_name(host)})
        for match, path in _GATEWAY_PATHS
    ]
    manager = _connection_manager(
        pod,
        options,
        stat_prefix="outbound_0.0.0.0_8080",
        virtual_hosts=[{"name": "*:80", "domains": ["*"], "routes": routes}],
    )
    manager |= {
        "use_remote_address": True,
        # The demo's client learns the id of its request from the answer.
        "always_set_request_id_in_response": True,
    }
    return _listener(
        "0.0.0.0_8080", Endpoint(network.address(pod), GATEWAY_PORT), "OUTBOUND", manager
    )


def _sidecar(pod: Pod, network: PodNetwork, options: MeshOptions) -> list[Json]:
    address = network.address(pod)
    operation = f"{service_host(pod.service)}:{APP_PORT}/*"
    inbound_route = _route({"prefix": "/"}, operation, {"cluster": clusters.INBOUND_NAME})
    inbound = _connection_manager(
        pod,
        options,
        stat_prefix=f"inbound_0.0.0.0_{APP_PORT}",
        virtual_hosts=[
            {"name": f"inbound|http|{APP_PORT}", "domains": ["*"], "routes": [inbound_route]}
        ],
    )
    outbound = _connection_manager(
        pod,
        options,
        stat_prefix=f"outbound_0.0.0.0_{APP_PORT}",
        virtual_hosts=[_outbound_host(service, options) for service in pod.calls],
    )
    return [
        _listener("virtualInbound", Endpoint(address, INBOUND_PORT), "INBOUND", inbound),
        _listener(f"0.0.0.0_{APP_PORT}", Endpoint(address, OUTBOUND_PORT), "OUTBOUND", outbound),
    ]


def _outbound_host(service: str, options: MeshOptions) -> Json:
    host = service_host(service)
    if service == "reviews":
        # Several destinations: Istio names the operation after the VirtualService.
        operation = f"{service}:{APP_PORT}/*"
        weighted: list[Json] = [
            {"name": clusters.outbound_name(host, version), "weight": weight}
            for version, weight in options.review_weights.items()
        ]
        action: Json = {"weighted_clusters": {"clusters": weighted}}
    else:
        operation = f"{host}:{APP_PORT}/*"
        action = {"cluster": clusters.outbound_name(host)}
    short_names = [service, f"{service}.default", f"{service}.default.svc", host]
    return {
        "name": f"{host}:{APP_PORT}",
        "domains": [*short_names, *(f"{name}:{APP_PORT}" for name in short_names)],
        "routes": [_route({"prefix": "/"}, operation, action, retries=True)],
    }


def _route(
    match: Json, operation: str, action: Json, *, retries: bool = False
) -> dict[str, JsonValue]:
    retry: Json = {"retry_policy": _RETRY_POLICY} if retries else {}
    return {
        "match": match,
        "route": {**action, **retry, "timeout": "0s"},
        "decorator": {"operation": operation},
    }


def _connection_manager(
    pod: Pod, options: MeshOptions, *, stat_prefix: str, virtual_hosts: list[Json]
) -> dict[str, JsonValue]:
    return dict(
        typed(
            _HCM,
            {
                "stat_prefix": stat_prefix,
                "codec_type": "AUTO",
                "server_name": "istio-envoy",
                "use_remote_address": False,
                "normalize_path": True,
                "route_config": {
                    "name": stat_prefix,
                    "validate_clusters": False,
                    "virtual_hosts": virtual_hosts,
                },
                "http_filters": [
                    {
                        "name": "envoy.filters.http.router",
                        "typed_config": typed(f"{_HTTP_FILTERS}.router.v3.Router", {}),
                    }
                ],
                "tracing": _tracing(pod, options),
            },
        )
    )


def _tracing(pod: Pod, options: MeshOptions) -> Json:
    percentages: Mapping[str, float] = {
        "client_sampling": 100.0,
        "random_sampling": options.sampling,
        "overall_sampling": 100.0,
    }
    return {
        **{name: {"value": value} for name, value in percentages.items()},
        "spawn_upstream_span": pod.role is Role.ROUTER,
        "custom_tags": [
            {"tag": f"istio.{key}", "literal": {"value": value}}
            for key, value in {
                "canonical_revision": pod.version,
                "canonical_service": pod.service,
                "cluster_id": "Kubernetes",
                "mesh_id": "cluster.local",
                "namespace": pod.namespace,
            }.items()
        ],
        "provider": {
            "name": "envoy.tracers.opentelemetry",
            "typed_config": typed(
                "envoy.config.trace.v3.OpenTelemetryConfig",
                {"service_name": pod.tracing_service_name, **clusters.exporter(pod.exporter)},
            ),
        },
    }


def _listener(name: str, at: Endpoint, direction: str, manager: Json) -> Json:
    return {
        "name": name,
        "address": _address(at.host, at.port),
        "traffic_direction": direction,
        # With it, a second mesh on the same addresses would silently share their connections.
        "enable_reuse_port": False,
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }


def _address(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}
