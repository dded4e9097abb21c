"""Many spans as Envoys of a mesh send them, made in columns so that they cost little to make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from model.batch import Shape, ShapeEntry, SpanBatch, ValueType, span_schema
from model.columns import WELL_KNOWN, columns_by_key
from model.span import Resource, Scope

__all__ = ["EnvoyTraffic"]

_SERVICES = ("productpage", "details", "reviews", "ratings", "istio-ingressgateway", "cart")
_PODS_PER_SERVICE = 5
_PRODUCTS = 1_000
_CHAIN = (4, 0, 0, 1, 1, 0, 2, 2, 3, 3)  # which service makes the spans of a trace, in order
_KEYS = (
    *("component", "node_id", "guid:x-request-id", "http.method", "http.url", "http.protocol"),
    *("http.status_code", "request_size", "response_size", "response_flags", "user_agent"),
    *("downstream_cluster", "upstream_cluster", "upstream_cluster.name", "peer.address", "zone"),
    *("istio.canonical_service", "istio.canonical_revision", "istio.namespace", "istio.mesh_id"),
    "istio.cluster_id",
)


@dataclass(slots=True)
class EnvoyTraffic:
    """Batches of whole traces, 10 spans each, that go on where the last one ended.

    Attributes:
        spans_per_second: of trace time.
    """

    seed: int = 1
    start_ns: int = 1_760_000_000_000_000_000
    spans_per_second: int = 20_000

    def batch(self, spans: int) -> SpanBatch:
        """Return the next ``spans`` spans (a multiple of 10)."""
        random = np.random.default_rng([self.seed, self.start_ns])
        traces = spans // len(_CHAIN)
        lasts_ns = spans * 1_000_000_000 // self.spans_per_second
        trace = np.repeat(np.arange(traces), len(_CHAIN))
        service = np.tile(np.array(_CHAIN), traces)
        pod = service * _PODS_PER_SERVICE + random.integers(0, _PODS_PER_SERVICE, spans)
        product = random.integers(0, _PRODUCTS, traces)[trace]
        status = np.where(random.random(spans) < 0.01, 503, 200)
        began = np.sort(random.integers(self.start_ns, self.start_ns + lasts_ns, traces))
        step = np.tile(np.arange(len(_CHAIN)), traces)
        start = began[trace] + step * 700_000 + random.integers(0, 600_000, spans)
        span_ids = random.integers(1, 1 << 63, spans)
        parents = np.where(step == 0, 0, np.roll(span_ids, 1))
        request_id = _request_ids(random, traces).take(pa.array(trace))
        self.start_ns += lasts_ns
        # Batches come in the order of arrival, not trace by trace.
        order = pa.array(np.argsort(start + random.integers(0, 50_000_000, spans)))
        columns: dict[str, pa.Array] = {
            "trace_id": _binary(random.bytes(16 * traces), 16).take(pa.array(trace)),
            "span_id": _binary(span_ids.astype(">i8").tobytes(), 8),
            "parent_span_id": pa.array(
                _binary(parents.astype(">i8").tobytes(), 8).to_pylist(),
                pa.binary(8),
                mask=step == 0,
            ),
            "start_ns": pa.array(start),
            "duration_ns": pa.array(
                (random.lognormal(15, 1, spans)).astype(np.int64) + (10 - step) * 1000
            ),
            "name": _texts(service, [f"{name}.default.svc:9080/*" for name in _SERVICES]),
            "kind": pa.array(np.where(step % 2 == 0, 2, 3).astype(np.int8)),
            "status_code": pa.array(np.where(status == 503, 2, 0).astype(np.int8)),
            "resource": pa.array(service.astype(np.int32)),
            "service_name": _texts(service, [f"{name}.default" for name in _SERVICES]),
            "cluster": _constant("Kubernetes", spans),
            "namespace": _constant("default", spans),
            "service": _texts(service, list(_SERVICES)),
            "version": _constant("v1", spans),
            "workload": _texts(service, [f"{name}-v1" for name in _SERVICES]),
            "pod": _texts(pod, [_pod(number) for number in range(_pods())]),
            "component": _constant("proxy", spans),
            "node_id": _texts(pod, [_node(number) for number in range(_pods())]),
            "request_id": request_id,
            "http_method": _texts(product % 4, ["GET", "GET", "GET", "POST"]),
            "http_url": _texts(product, [_url(number) for number in range(_PRODUCTS)]),
            "http_protocol": _constant("HTTP/1.1", spans),
            "http_status_code": pa.array(status),
            "request_size": pa.array(np.where(product % 4 == 3, product, 0)),
            "response_size": pa.array(random.integers(100, 6000, spans)),
            "response_flags": _texts((status == 503).astype(int), ["-", "UH"]),
            "user_agent": _texts(product % 7, [f"Mozilla/5.0 ({i}) Firefox" for i in range(7)]),
            "downstream_cluster": _constant("-", spans),
            "upstream_cluster": _texts(service, [_cluster(name) for name in _SERVICES]),
            "upstream_cluster_name": _texts(service, [_cluster(name) for name in _SERVICES]),
            "peer_address": _texts(pod, [f"10.244.{n % 4}.{n + 3}" for n in range(_pods())]),
            "zone": _constant("eu-west-1a", spans),
            "istio_canonical_service": _texts(service, list(_SERVICES)),
            "istio_canonical_revision": _constant("v1", spans),
            "istio_namespace": _constant("default", spans),
            "istio_mesh_id": _constant("cluster.local", spans),
            "istio_cluster_id": _constant("Kubernetes", spans),
        }
        rows = pa.table([_field(field, columns, spans) for field in span_schema()], _names())
        return SpanBatch(rows.take(order), _RESOURCES, (_SCOPE,), (_SHAPE,))


def _texts(indexes: np.ndarray, values: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(indexes.astype(np.int32)), pa.array(values))


def _constant(value: str, count: int) -> pa.Array:
    return _texts(np.zeros(count), [value])


def _binary(data: bytes, width: int) -> pa.Array:
    buffers = [None, pa.py_buffer(data)]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(data) // width, buffers)


def _request_ids(random: np.random.Generator, count: int) -> pa.Array:
    digits = random.bytes(16 * count).hex()
    return pa.array(
        [
            f"{d[:8]}-{d[8:12]}-9{d[13:16]}-8{d[17:20]}-{d[20:]}"
            for d in (digits[at : at + 32] for at in range(0, len(digits), 32))
        ]
    )


def _field(field: pa.Field, columns: dict[str, pa.Array], count: int) -> pa.Array:
    if field.name in columns:
        return columns[field.name]
    if field.nullable:
        return pa.nulls(count, field.type)
    return pa.array(np.zeros(count), field.type)


def _names() -> list[str]:
    return span_schema().names


def _pods() -> int:
    return len(_SERVICES) * _PODS_PER_SERVICE


def _pod(number: int) -> str:
    return f"{_SERVICES[number // _PODS_PER_SERVICE]}-v1-7d4b9c{number:04x}-x{number:03}z"


def _node(number: int) -> str:
    return (
        f"sidecar~10.244.{number % 4}.{number + 3}~{_pod(number)}.default~default.svc.cluster.local"
    )


def _url(product: int) -> str:
    return f"http://productpage.default.svc:9080/api/v1/products/{product}/reviews"


def _cluster(service: str) -> str:
    return f"outbound|9080||{service}.default.svc.cluster.local"


_RESOURCES = tuple(
    Resource({"service.name": f"{name}.default", "telemetry.sdk.name": "envoy"})
    for name in _SERVICES
)
_SCOPE = Scope(name="envoy", version="1.40.0")
_SHAPE = Shape(
    tuple(ShapeEntry(key, ValueType.STRING, columns_by_key(WELL_KNOWN)[key].name) for key in _KEYS)
)
