"""A mesh of two hundred services in five layers, for the cost of drawing a large graph.

Every service calls four of the next layer; one request goes through the gateway to one service,
which calls two others, and on from there in two chains to the last layer.
"""

from __future__ import annotations

import random

from bench.mesh import PODS, Pod, RequestDraft, SpanDraft, TraceDraft, pod_name

__all__ = ["CALLS_PER_TRACE", "EDGES", "SERVICES", "draft_large_trace"]

_LAYERS = 5
_WIDTH = 40
_CALLEES = 4
_SERVER, _CLIENT = 2, 3
_NAMESPACES = 8

SERVICES = _LAYERS * _WIDTH
EDGES = 1 + _WIDTH + (_LAYERS - 1) * _WIDTH * _CALLEES
"""Of workloads: into the gateway, from there to the first layer, and between layers."""

CALLS_PER_TRACE = 2 + 2 * (_LAYERS - 1)
"""Into the gateway, to the first service, and two to each further layer."""


def _pod(layer: int, place: int) -> Pod:
    app = f"service-{layer}-{place:02}"
    number = layer * _WIDTH + place
    name = pod_name(f"{app}-v1", number)
    return Pod(app, f"shop-{number % _NAMESPACES}", "v1", name, f"10.24{layer}.1.{place + 1}")


_PODS = tuple(tuple(_pod(layer, place) for place in range(_WIDTH)) for layer in range(_LAYERS))


def draft_large_trace(rng: random.Random, start_ns: int) -> TraceDraft:
    """Draft the trace of one request that starts at ``start_ns``; 19 spans, 1 % end in a 503."""
    request = RequestDraft(rng)
    end_ns = start_ns + rng.randrange(40_000_000, 400_000_000)
    gateway = PODS["istio-ingressgateway-latest"][0]
    place = rng.randrange(_WIDTH)
    callee = _PODS[0][place]
    host = f"{callee.app}.{callee.namespace}.svc.cluster.local"
    cluster = f"outbound|9080||{host}"
    url = f"http://shop.example.com/{callee.app}"
    tags = request.listener_tags(gateway, "203.0.113.7", url, cluster)
    name = f"{host}:9080/*"
    root = request.span(gateway, None, _SERVER, name, (start_ns, end_ns), tags, "200")
    attempt = {
        "component": "proxy",
        "http.protocol": "HTTP/1.1",
        "upstream_address": f"{callee.ip}:9080",
        "peer.address": f"{callee.ip}:9080",
        "upstream_cluster": cluster,
        "upstream_cluster.name": f"{cluster};",
        "response_flags": "-",
    }
    step = (end_ns - start_ns) // 40
    times = (start_ns + step, end_ns - step)
    router = request.span(
        gateway, root, _CLIENT, f"router {cluster}; egress", times, attempt, "200"
    )
    tags = request.listener_tags(callee, gateway.ip, url, "inbound|9080||")
    times = (start_ns + 2 * step, end_ns - 2 * step)
    server = request.span(callee, router, _SERVER, name, times, tags, "200")
    half = (start_ns + end_ns) // 2
    _chain(request, rng, server, place, (start_ns + 3 * step, half))
    _chain(request, rng, server, place, (half, end_ns - 3 * step))
    return TraceDraft(request.trace_id, request.request_id, tuple(request.spans))


def _chain(
    request: RequestDraft,
    rng: random.Random,
    caller: SpanDraft,
    place: int,
    times: tuple[int, int],
) -> None:
    start_ns, end_ns = times
    shrink = (end_ns - start_ns) // 16
    for layer in range(1, _LAYERS):
        place = (place * 7 + rng.randrange(_CALLEES)) % _WIDTH
        last = layer == _LAYERS - 1
        status = "503" if last and rng.random() < 0.005 else "200"
        called = request.call(
            caller, _PODS[layer][place], "/", (start_ns + shrink, end_ns - shrink), status
        )
        assert called is not None  # every callee can be reached
        caller = called
        start_ns, end_ns = start_ns + 2 * shrink, end_ns - 2 * shrink
