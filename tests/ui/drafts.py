"""One request through the mesh: the spans of its proxies, and those its apps make by an SDK.

The proxies' spans are the bench's drafts, which follow a real Envoy under Istio tag by tag.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bench.mesh import PODS, Pod, RequestDraft, SpanDraft
from bench.spans import encode_request
from tests.collector.builders import any_value

__all__ = [
    "CLIENT",
    "CONSUMER",
    "INTERNAL",
    "MILLISECOND",
    "PRODUCER",
    "SERVER",
    "Request",
    "Times",
    "Trace",
    "inside",
    "key_values",
]

MILLISECOND = 1_000_000
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5

_SPANS_PER_EXPORT = 500
_EAST = "10.245."

Times = tuple[int, int]
"""Start and end of a span, nanoseconds since 1970."""


def inside(times: Times, start: float, end: float) -> Times:
    """The part of ``times`` from the fraction ``start`` to the fraction ``end``."""
    length = times[1] - times[0]
    return times[0] + round(start * length), times[0] + round(end * length)


def key_values(attributes: Mapping[str, object]) -> list[KeyValue]:
    """Attributes of any type that OTLP has, lists and maps too."""
    return [KeyValue(key=key, value=_any_value(value)) for key, value in attributes.items()]


def _any_value(value: object) -> AnyValue:
    found = AnyValue()
    match value:
        case list():
            found.array_value.values.extend(map(_any_value, value))
        case dict():
            found.kvlist_value.values.extend(key_values(value))
        case _:
            found = any_value(value)
    return found


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace as it is exported.

    Attributes:
        trace_id: 32 hex digits.
        request_id: the ``x-request-id`` that its proxies saw.
        span_count: of all exports.
        exports: serialised ExportTraceServiceRequests; joined, they are one such request.
    """

    trace_id: str
    request_id: str
    span_count: int
    exports: tuple[bytes, ...]


class Request(RequestDraft):
    """Drafts the spans of one request, beginning at the ingress gateway."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self._rng = rng
        self._app_spans: list[tuple[Pod, Span]] = []

    def span(
        self,
        pod: Pod,
        parent: SpanDraft | None,
        kind: int,
        name: str,
        times: Times,
        attributes: dict[str, str],
        status: str,
    ) -> SpanDraft:
        """Add a proxy's span; pods of 10.245 are in the second cluster."""
        draft = super().span(pod, parent, kind, name, times, attributes, status)
        draft.attributes["istio.cluster_id"] = "east" if pod.ip.startswith(_EAST) else "west"
        if kind == CLIENT and status.startswith("4"):  # an error, though without Envoy's tag
            draft = self.spans[-1] = replace(draft, failed=True)
        return draft

    def enter(
        self, callee: Pod, path: str, times: Times, status: str = "200", host: str = ""
    ) -> SpanDraft:
        """Add the gateway's two spans and the callee's SERVER span, which is returned."""
        gateway = self._rng.choice(PODS["istio-ingressgateway-latest"])
        target = f"{callee.app}.{callee.namespace}.svc.cluster.local"
        cluster, name = f"outbound|9080||{target}", f"{target}:9080{path}"
        url = f"http://{host or f'{callee.app}.example.com'}{path}?id={self.product}"
        client_ip = f"203.0.113.{self._rng.randrange(1, 255)}"
        tags = self.listener_tags(gateway, client_ip, url, cluster) | {"tenant": self.tenant}
        root = self.span(gateway, None, SERVER, name, times, tags, status)
        attempt = {
            "component": "proxy",
            "http.protocol": "HTTP/1.1",
            "upstream_address": f"{callee.ip}:9080",
            "peer.address": f"{callee.ip}:9080",
            "upstream_cluster": cluster,
            "upstream_cluster.name": f"{cluster};",
            "response_flags": "-",
        }
        router = self.span(
            gateway,
            root,
            CLIENT,
            f"router {cluster}; egress",
            inside(times, 0.005, 0.995),
            attempt,
            status,
        )
        tags = self.listener_tags(callee, gateway.ip, url, "inbound|9080||")
        return self.span(callee, router, SERVER, name, inside(times, 0.01, 0.99), tags, status)

    def call_without_headers(
        self, caller: SpanDraft, callee: Pod, path: str, times: Times
    ) -> Request:
        """The trace that begins when the caller's app forwards ``x-request-id`` and no more."""
        other = Request(self._rng)
        other.request_id = self.request_id
        other.call(caller, callee, path, times)
        other.spans[0] = replace(other.spans[0], parent_id=b"", flags=257)
        return other

    def app_span(
        self,
        pod: Pod,
        parent: SpanDraft | Span | None,
        kind: int,
        name: str,
        times: Times,
        attributes: Mapping[str, object],
        *,
        error: str = "",
        events: Sequence[Span.Event] = (),
        links: Sequence[Span.Link] = (),
    ) -> Span:
        """Add a span that the pod's app makes by an SDK; ``error`` is its status' message."""
        span = Span(
            trace_id=self.trace_id,
            span_id=self._rng.randbytes(8),
            parent_span_id=parent.span_id if parent else b"",
            name=name,
            kind=Span.SpanKind.ValueType(kind),
            start_time_unix_nano=times[0],
            end_time_unix_nano=times[1],
            flags=257,
            attributes=key_values(attributes),
            events=events,
            links=links,
        )
        if error:
            span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=error))
        self._app_spans.append((pod, span))
        return span

    def link(self, span: Span, **attributes: object) -> Span.Link:
        """A link to a span of this request's apps."""
        return Span.Link(
            trace_id=self.trace_id, span_id=span.span_id, attributes=key_values(attributes)
        )

    def finished(self) -> Trace:
        """Encode what was drafted."""
        pairs = [(self.trace_id, span) for span in self.spans]
        exports = [
            encode_request(pairs[start : start + _SPANS_PER_EXPORT])
            for start in range(0, len(pairs), _SPANS_PER_EXPORT)
        ]
        exports += [_encode_app_span(pod, span) for pod, span in self._app_spans]
        count = len(self.spans) + len(self._app_spans)
        return Trace(self.trace_id.hex(), self.request_id, count, tuple(exports))


def _encode_app_span(pod: Pod, span: Span) -> bytes:
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    resource = {
        "service.name": pod.app,
        "service.namespace": pod.namespace,
        "service.version": pod.version,
        "k8s.pod.name": pod.name,
        "k8s.cluster.name": "west",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.0",
        "process.command_args": ["python", "-m", pod.app],
    }
    resource_spans.resource.attributes.extend(key_values(resource))
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = f"{pod.app}.instrumentation"
    scope_spans.scope.version = "0.9"
    scope_spans.spans.append(span)
    return request.SerializeToString()
