"""Request templates for the load client, and what each round of them must look like in the store.

A template is a set of complete traces, cut into ExportTraceServiceRequests as the Envoys of the
mesh would (each pod buffers its own spans). The load client sends the template over and over; in
every round it XORs ids with constants of the round and shifts times (``template.h``). The same
arithmetic is here, so for any round the ids and times of each span are known.
"""

from __future__ import annotations

import random
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from bench.mesh import Pod, SpanDraft, TraceDraft, draft_trace

__all__ = ["Round", "Template", "build_template", "encode_request"]

_ENVOY_VERSION = "1.40.0"
_MASK_64 = (1 << 64) - 1
_KEPT_DIGITS = (12, 16)  # version and variant of the request id


@dataclass(frozen=True, slots=True)
class Template:
    """Traces and the request bodies that carry their spans, in the order of sending.

    Attributes:
        traces: in order of start, which no two share.
        bodies: serialised ExportTraceServiceRequests.
        span_count: of all bodies.
        attribute_count: of all spans.
        round_ns: the time that the traces' starts cover, nanoseconds.
    """

    traces: tuple[TraceDraft, ...]
    bodies: tuple[bytes, ...]
    span_count: int
    attribute_count: int
    round_ns: int

    def write(self, path: Path) -> None:
        """Write the bodies as the load client reads them."""
        with path.open("wb") as file:
            for body in self.bodies:
                file.write(struct.pack("<I", len(body)))
                file.write(body)

    def facts(self) -> dict[str, float]:
        """Averages that say what shape this load has."""
        return {
            "traces": len(self.traces),
            "requests": len(self.bodies),
            "spans": self.span_count,
            "spans_per_request": self.span_count / len(self.bodies),
            "spans_per_trace": self.span_count / len(self.traces),
            "bytes_per_span": sum(map(len, self.bodies)) / self.span_count,
            "attributes_per_span": self.attribute_count / self.span_count,
        }


class Round:
    """One sending of a template.

    Args:
        seed: the load client's ``--seed``.
        number: of the round, from 0.
        base_ns: the load client's ``--base-ns``; round 0 starts there.
        round_ns: its ``--round-ns``.
    """

    def __init__(self, seed: int, number: int, base_ns: int, round_ns: int) -> None:
        lanes = [
            _splitmix64(seed ^ _splitmix64((number * 4 + lane) & _MASK_64)).to_bytes(8, "little")
            for lane in range(3)
        ]
        self._trace_mask = lanes[0] + lanes[1]
        self._span_mask = lanes[2]
        self.shift_ns = base_ns + number * round_ns

    def trace_id(self, trace: TraceDraft) -> str:
        """The trace id in this round, lower-case hex."""
        return _xor(trace.trace_id, self._trace_mask).hex()

    def span_id(self, span_id: bytes) -> str:
        """The span id in this round, lower-case hex."""
        return _xor(span_id, self._span_mask).hex()

    def request_id(self, trace: TraceDraft) -> str:
        """The ``x-request-id`` in this round."""
        digits = trace.request_id.replace("-", "")
        mask = self._trace_mask.hex()
        mixed = "".join(
            digit if place in _KEPT_DIGITS else f"{int(digit, 16) ^ int(mask[place], 16):x}"
            for place, digit in enumerate(digits)
        )
        return "-".join((mixed[:8], mixed[8:12], mixed[12:16], mixed[16:20], mixed[20:]))


def build_template(
    *,
    traces: int,
    spans_per_request: int,
    round_ns: int,
    seed: int,
    origin_ns: int = 0,
    draft: Callable[[random.Random, int], TraceDraft] = draft_trace,
) -> Template:
    """Draft ``traces`` traces over ``round_ns`` nanoseconds from ``origin_ns`` and encode them.

    ``draft`` makes the trace of one request that starts at a given time.

    Each pod exports when it has ``spans_per_request`` spans. What is left at the end of the
    round is put together, pod after pod, as a collector's batch would be, so nearly every
    request has the full size and every trace is complete within the round.
    """
    rng = random.Random(seed)
    step = max(round_ns // traces, 1)
    drafts = tuple(
        draft(rng, origin_ns + number * step + rng.randrange(step)) for number in range(traces)
    )
    bodies = [encode_request(group) for group in _exports(drafts, spans_per_request)]
    return Template(
        traces=drafts,
        bodies=tuple(bodies),
        span_count=sum(len(draft.spans) for draft in drafts),
        attribute_count=sum(len(span.attributes) for draft in drafts for span in draft.spans),
        round_ns=round_ns,
    )


def encode_request(spans: Sequence[tuple[bytes, SpanDraft]]) -> bytes:
    """Encode (trace id, span) pairs as one request, with a ResourceSpans for each pod."""
    by_pod: dict[Pod, list[tuple[bytes, SpanDraft]]] = defaultdict(list)
    for trace_id, span in spans:
        by_pod[span.pod].append((trace_id, span))
    request = ExportTraceServiceRequest()
    for pod, group in by_pod.items():
        resource_spans = request.resource_spans.add()
        _describe(resource_spans, pod)
        scope_spans = resource_spans.scope_spans.add()
        scope_spans.scope.name = "envoy"
        scope_spans.scope.version = _ENVOY_VERSION
        for trace_id, span in group:
            _encode_span(scope_spans.spans.add(), trace_id, span)
    return request.SerializeToString()


def _exports(
    drafts: Iterable[TraceDraft], spans_per_request: int
) -> Iterable[Sequence[tuple[bytes, SpanDraft]]]:
    finished = sorted(
        ((draft.trace_id, span) for draft in drafts for span in draft.spans),
        key=lambda pair: pair[1].end_ns,
    )
    buffers: dict[Pod, list[tuple[bytes, SpanDraft]]] = defaultdict(list)
    for pair in finished:
        buffer = buffers[pair[1].pod]
        buffer.append(pair)
        if len(buffer) == spans_per_request:
            yield buffer
            buffers[pair[1].pod] = []
    rest = [pair for buffer in buffers.values() for pair in buffer]
    for start in range(0, len(rest), spans_per_request):
        yield rest[start : start + spans_per_request]


def _describe(resource_spans: ResourceSpans, pod: Pod) -> None:
    for key, value in (
        ("service.name", pod.service_name),
        ("telemetry.sdk.language", "cpp"),
        ("telemetry.sdk.name", "envoy"),
        ("telemetry.sdk.version", _ENVOY_VERSION),
    ):
        _add_string(resource_spans.resource.attributes.add(), key, value)


def _encode_span(message: Span, trace_id: bytes, span: SpanDraft) -> None:
    message.trace_id = trace_id
    message.span_id = span.span_id
    message.parent_span_id = span.parent_id
    message.name = span.name
    message.kind = Span.SpanKind.ValueType(span.kind)
    message.start_time_unix_nano = span.start_ns
    message.end_time_unix_nano = span.end_ns
    message.flags = span.flags
    if span.failed:
        message.status.code = Status.STATUS_CODE_ERROR
    for key, value in span.attributes.items():
        _add_string(message.attributes.add(), key, value)


def _add_string(attribute: KeyValue, key: str, value: str) -> None:
    attribute.key = key
    attribute.value.string_value = value


def _splitmix64(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & _MASK_64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK_64
    return value ^ (value >> 31)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
