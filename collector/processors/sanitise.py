"""Mend what exporters get wrong in the fields that everything later relies on."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from collector import pipeline_metrics as metrics
from collector.config import Sanitise
from model.batch import SpanBatch

__all__ = ["UNKNOWN_SERVICE", "UNNAMED_SPAN", "SanitiseProcessor"]

UNKNOWN_SERVICE = "unknown_service"
"""The name that OpenTelemetry's resource conventions give to a service without one."""

UNNAMED_SPAN = "unnamed_span"

_TRACE_ID_DIGITS = 32


class SanitiseProcessor:
    """Mends empty service and span names, negative durations and missing times; counts each.

    - A span without a start gets its end as start; without both, the time of arrival.
    - A span that ends before it starts gets the duration 0.
    - Without ``strict_trace_ids`` the upper half of trace ids becomes zero, in links too. An id
      whose lower half is zero stays: it would name no trace.
    """

    name = "sanitise"

    def __init__(
        self, config: Sanitise | None = None, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._strict_trace_ids = config is None or config.strict_trace_ids
        self._now_ns = now_ns

    def process(self, batch: SpanBatch) -> SpanBatch:
        """Return the batch with every fault mended."""
        spans = batch.spans
        spans = _fill(spans, "name", pc.equal(spans["name"], ""), UNNAMED_SPAN, "empty_span_name")
        spans = _fill(
            spans,
            "service_name",
            pc.equal(spans["service_name"], ""),
            UNKNOWN_SERVICE,
            "empty_service_name",
        )
        spans = self._start(spans)
        if not self._strict_trace_ids:
            spans = _shorten_trace_ids(spans)
        negative = pc.less(spans["duration_ns"], 0)
        return replace(batch, spans=_fill(spans, "duration_ns", negative, 0, "negative_duration"))

    def _start(self, spans: pa.Table) -> pa.Table:
        missing = pc.equal(spans["start_ns"], 0)
        if not pc.any(missing).as_py():
            return spans
        end = spans["duration_ns"]  # counted from the start, which is 0
        instead = pc.if_else(pc.equal(end, 0), pa.scalar(self._now_ns(), pa.int64()), end)
        spans = _fill(spans, "duration_ns", missing, 0, None)
        return _fill(spans, "start_ns", missing, instead, "missing_start_time")


def _shorten_trace_ids(spans: pa.Table) -> pa.Table:
    ids = spans["trace_id"].to_pylist()
    shortened = [_short(trace_id) for trace_id in ids]
    changed = sum(map(operator.ne, ids, shortened))
    if changed:
        metrics.mended.labels("long_trace_id").inc(changed)
        spans = _replace(spans, "trace_id", pa.array(shortened, pa.binary(16)))
    if spans["links"].null_count < len(spans):
        links = [_shorten_links(links) for links in spans["links"].to_pylist()]
        spans = _replace(spans, "links", pa.array(links, pa.string()))
    return spans


def _short(trace_id: bytes) -> bytes:
    lower = trace_id[8:]
    return bytes(8) + lower if any(lower) else trace_id


def _shorten_links(text: str | None) -> str | None:
    if text is None:
        return None
    links = msgspec.json.decode(text)
    for link in links:
        trace_id = link["traceId"]
        if len(trace_id) == _TRACE_ID_DIGITS:
            link["traceId"] = _short(bytes.fromhex(trace_id)).hex()
    return msgspec.json.encode(links).decode()


def _replace(spans: pa.Table, name: str, column: pa.Array) -> pa.Table:
    index = spans.schema.get_field_index(name)
    return spans.set_column(index, spans.schema.field(index), column)


def _fill(
    spans: pa.Table,
    name: str,
    where: pa.ChunkedArray,
    value: str | int | pa.ChunkedArray,
    reason: str | None,
) -> pa.Table:
    count = pc.sum(where).as_py()
    if not count:
        return spans
    if reason is not None:
        metrics.mended.labels(reason).inc(count)
    index = spans.schema.get_field_index(name)
    return spans.set_column(index, spans.schema.field(index), pc.if_else(where, value, spans[name]))
