"""A mesh in few words: spans as Envoy, Istio and SDKs send them, nested as they call each other.

A builder makes one span; its children are the spans whose parent id names it. What stands here
is what ``envoy-istio.md`` saw on the wire: tags, names and the rules of status and ``error``.
Changes to it are keywords: the fields of :class:`tests.graph.rules.sent.Sent`; of a proxy
``namespace``, ``version``, ``cluster``, ``pod``, ``code`` and ``flags`` (with what follows of a
code for status and ``error``); of an app ``error``.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.graph.rules.sent import Sent, Trace

__all__ = [
    "CLUSTER",
    "NAMESPACE",
    "address_of",
    "app_in",
    "app_local",
    "app_out",
    "call",
    "consumer",
    "gateway_attempt",
    "gateway_client",
    "gateway_in",
    "lost",
    "pod_of",
    "producer",
    "sidecar_attempt",
    "sidecar_in",
    "sidecar_out",
    "trace",
    "waypoint",
]

CLUSTER = "Kubernetes"
NAMESPACE = "default"
GATEWAY = "istio-ingressgateway"

SERVER, CLIENT = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT
PRODUCER, CONSUMER = Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER
INTERNAL = Span.SPAN_KIND_INTERNAL


def trace(*roots: Sent, short_id: bool = False, joins: Trace | None = None) -> Trace:
    """One trace of several fragments."""
    return Trace(roots, short_id, joins)


def call(caller: str, callee: str, *children: Sent, **changes: Any) -> Sent:
    """Both sidecars' spans of one call; ``children`` are below the callee's."""
    return sidecar_out(caller, callee, sidecar_in(callee, *children), **changes)


def lost(sent: Sent) -> Sent:
    """``sent`` never arrives; the spans below it do."""
    sent.is_lost = True
    return sent


def pod_of(app: str, version: str = "v1") -> str:
    """The name of the one pod of ``app``."""
    return f"{app}-{version}-7bf8c9648f-8d5kv"


def address_of(app: str, namespace: str = NAMESPACE, version: str = "v1") -> str:
    """The address of that pod, of its own."""
    digest = zlib.crc32(f"{app}.{namespace}.{version}".encode())
    return f"10.{digest >> 16 & 255}.{digest >> 8 & 255}.{digest & 255}"


def sidecar_in(app: str, *children: Sent, **changes: Any) -> Sent:
    """The inbound listener of ``app``'s sidecar: SERVER."""
    host = f"{app}.{changes.get('namespace', NAMESPACE)}.svc.cluster.local"
    tags = {"upstream_cluster": "inbound|9080||"}
    return _listener("sidecar", app, SERVER, f"{host}:9080/*", tags, children, changes)


def sidecar_out(app: str, callee: str, *children: Sent, **changes: Any) -> Sent:
    """The outbound listener of ``app``'s sidecar: CLIENT, one for all attempts."""
    host = _host(callee)
    tags = {"upstream_cluster": f"outbound|9080||{host}", "http.url": f"http://{callee}:9080/"}
    return _listener("sidecar", app, CLIENT, f"{host}:9080/*", tags, children, changes)


def gateway_in(callee: str, *children: Sent, app: str = GATEWAY, **changes: Any) -> Sent:
    """A gateway's listener since Istio 1.28: SERVER, its attempts are children."""
    return _gateway(app, SERVER, callee, children, changes)


def gateway_client(callee: str, *children: Sent, app: str = GATEWAY, **changes: Any) -> Sent:
    """The one span of a gateway before Istio 1.28: CLIENT."""
    return _gateway(app, CLIENT, callee, children, changes)


def _gateway(
    app: str, kind: int, callee: str, children: Sequence[Sent], changes: dict[str, Any]
) -> Sent:
    changes.setdefault("namespace", "istio-system")
    changes.setdefault("version", "latest")
    changes.setdefault("pod", f"{app}-7f8d9b6c5d-x2x4z")
    host = _host(callee)
    tags = {"upstream_cluster": f"outbound|9080||{host}", "http.url": "http://shop.example/"}
    return _listener("router", app, kind, f"{host}:9080/*", tags, children, changes)


def gateway_attempt(callee: str, *children: Sent, app: str = GATEWAY, **changes: Any) -> Sent:
    """One attempt of a gateway: CLIENT without ``node_id``, URL, method and request id."""
    changes.setdefault("namespace", "istio-system")
    changes.setdefault("version", "latest")
    cluster = f"outbound|9080||{_host(callee)}"
    return _attempt(app, cluster, f"{address_of(callee)}:9080", children, changes)


def sidecar_attempt(app: str, cluster: str, *children: Sent, **changes: Any) -> Sent:
    """The same of a sidecar that has ``spawn_upstream_span``; ``cluster`` is the whole name."""
    return _attempt(app, cluster, "127.0.0.6:9080", children, changes)


def _attempt(
    app: str, cluster: str, address: str, children: Sequence[Sent], changes: dict[str, Any]
) -> Sent:
    tags = {
        "component": "proxy",
        "http.protocol": "HTTP/1.1",
        "upstream_address": address,
        "peer.address": address,
        "upstream_cluster": cluster,
        "upstream_cluster.name": f"{cluster};",
    }
    return _proxy(app, CLIENT, f"router {cluster}; egress", tags, children, changes)


def waypoint(
    callee: str, *children: Sent, caller: str = "", app: str = "waypoint", **changes: Any
) -> Sent:
    """A waypoint before ``callee``: one SERVER span.

    With ``caller`` it tells both ends, as Istio does since 1.29; without, neither.
    """
    tags = {"upstream_cluster": f"inbound-vip|9080|http|{_host(callee)}"}
    if caller:
        tags |= _waypoint_tags("source", caller) | _waypoint_tags("destination", callee)
    changes.setdefault("version", "latest")
    changes.setdefault("pod", f"{app}-6d8f9cbb7d-z2x4c")
    return _listener("waypoint", app, SERVER, f"{_host(callee)}:9080/*", tags, children, changes)


def _waypoint_tags(end: str, app: str) -> dict[str, str]:
    told = {
        "workload": f"{app}-v1",
        "namespace": NAMESPACE,
        "cluster_id": CLUSTER,
        "canonical_service": app,
        "canonical_revision": "v1",
        "app": app,
        "app_version": "v1",
        "workload_type": "deployment",
        "instance_name": pod_of(app),
    }
    return {f"istio.{end}_{key}": value for key, value in told.items()}


def app_in(app: str, *children: Sent, **changes: Any) -> Sent:
    """A SERVER span of ``app``'s own SDK."""
    tags = {"http.request.method": "GET", "http.route": "/", "url.path": "/"}
    return _app(app, SERVER, "GET /", tags, children, changes)


def app_out(app: str, *children: Sent, **changes: Any) -> Sent:
    """A CLIENT span of ``app``'s own SDK; whom it calls is in ``tags``."""
    return _app(app, CLIENT, "GET", {"http.request.method": "GET"}, children, changes)


def app_local(app: str, *children: Sent, **changes: Any) -> Sent:
    """An INTERNAL span of ``app``'s own SDK."""
    return _app(app, INTERNAL, "render", {}, children, changes)


def producer(app: str, topic: str, *children: Sent, **changes: Any) -> Sent:
    """A PRODUCER span; without ``topic`` it does not tell where it sends."""
    return _app(app, PRODUCER, f"send {topic}".strip(), _messaging(topic), children, changes)


def consumer(app: str, topic: str, *children: Sent, **changes: Any) -> Sent:
    """A CONSUMER span; without ``topic`` it does not tell from where."""
    return _app(app, CONSUMER, f"process {topic}".strip(), _messaging(topic), children, changes)


def _messaging(topic: str) -> dict[str, str]:
    if not topic:
        return {}
    return {"messaging.system": "kafka", "messaging.destination.name": topic}


def _app(
    app: str,
    kind: int,
    name: str,
    tags: Mapping[str, Any],
    children: Sequence[Sent],
    changes: dict[str, Any],
) -> Sent:
    resource = {
        "service.name": app,
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": "1.45.0",
    }
    if changes.pop("error", False):
        changes.setdefault("status", Status.STATUS_CODE_ERROR)
    return _sent(name, kind, tags, resource, children, changes)


def _listener(
    type: str,
    app: str,
    kind: int,
    name: str,
    tags: Mapping[str, str],
    children: Sequence[Sent],
    changes: dict[str, Any],
) -> Sent:
    namespace = changes.get("namespace", NAMESPACE)
    version = changes.get("version", "v1")
    address = address_of(app, namespace, version)
    pod = changes.pop("pod", pod_of(app, version))
    told = {
        "component": "proxy",
        "node_id": f"{type}~{address}~{pod}.{namespace}~{namespace}.svc.cluster.local",
        "zone": "",
        "guid:x-request-id": "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d",
        "http.url": f"http://{app}:9080/",
        "http.method": "GET",
        "http.protocol": "HTTP/1.1",
        "user_agent": "-",
        "downstream_cluster": "-",
        "request_size": "0",
        "response_size": "178",
        **tags,
    }
    told["upstream_cluster.name"] = f"{told['upstream_cluster']};"
    return _proxy(app, kind, name, told, children, {"address": address, **changes})


def _proxy(
    app: str,
    kind: int,
    name: str,
    tags: Mapping[str, str],
    children: Sequence[Sent],
    changes: dict[str, Any],
) -> Sent:
    namespace = changes.pop("namespace", NAMESPACE)
    code = changes.pop("code", "200")
    told = {
        **tags,
        "http.status_code": code,
        "response_flags": changes.pop("flags", "-"),
        "istio.canonical_service": app,
        "istio.canonical_revision": changes.pop("version", "v1"),
        "istio.namespace": namespace,
        "istio.cluster_id": changes.pop("cluster", CLUSTER),
        "istio.mesh_id": "cluster.local",
    }
    if code == "0" or code >= "500":
        told["error"] = "true"
    if code >= "500" or (kind == CLIENT and code >= "400"):
        changes.setdefault("status", Status.STATUS_CODE_ERROR)
    resource = {
        "service.name": f"{app}.{namespace}",
        "telemetry.sdk.language": "cpp",
        "telemetry.sdk.name": "envoy",
        "telemetry.sdk.version": "1.40.0",
    }
    return _sent(name, kind, told, resource, children, changes)


def _sent(
    name: str,
    kind: int,
    tags: Mapping[str, Any],
    resource: Mapping[str, Any],
    children: Sequence[Sent],
    changes: dict[str, Any],
) -> Sent:
    return Sent(
        name=changes.pop("name", name),
        kind=changes.pop("kind", kind),
        children=children,
        tags=_changed(tags, changes.pop("tags", {})),
        resource=_changed(resource, changes.pop("resource", {})),
        **changes,
    )


def _changed(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**known, **changes}.items() if value is not None}


def _host(callee: str) -> str:
    """A name without dots is a service of this namespace, one with a dot names its own."""
    if ".svc." in callee or callee.count(".") > 1:
        return callee
    name, _, namespace = callee.partition(".")
    return f"{name}.{namespace or NAMESPACE}.svc.cluster.local"
