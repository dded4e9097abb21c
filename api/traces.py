"""Traces by id, and the traces of one mesh request."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from aiohttp import web

from api.config import ApiConfig
from api.errors import not_found
from api.otlp_json import traces_data
from api.parameters import Parameters, path_text, path_value
from api.queries import Deadline
from api.responses import answer_in_chunks
from api.stitching import Stitching
from api.times import MAX_NS
from api.trace_document import request_chunks, trace_chunks
from model.ids import parse_trace_id
from model.query import TraceQuery
from model.summary import TraceSummary
from model.trace import assemble
from storage.interface import SpanReader

__all__ = ["Traces"]

_FORMATS = {"spanloom": "spanloom", "otlp": "otlp"}
_SWITCH = {"1": True, "0": False, "true": True, "false": False}
_MAX_REQUEST_TRACES = 20


class Traces:
    """Handlers of the resources that answer with assembled traces.

    Args:
        reader: the store.
        config: the limits.
    """

    def __init__(self, reader: SpanReader, config: ApiConfig) -> None:
        self._reader = reader
        self._config = config
        self._stitching = Stitching(reader, config.max_request_spans)

    async def trace(self, request: web.Request) -> web.StreamResponse:
        """``GET /traces/{trace_id}``."""
        parameters = Parameters(request.query, ("format", "adjust_clock_skew"))
        trace_id = path_value(request, "trace_id", parse_trace_id)
        as_otlp = parameters.choice("format", _FORMATS) == "otlp"
        adjust = parameters.boolean("adjust_clock_skew") or False
        if as_otlp:
            parameters.exclusive("adjust_clock_skew", ("format",))  # OTLP gives back what was sent

        def work(deadline: Deadline) -> Iterable[bytes]:
            found = self._reader.get_traces([trace_id], timeout_s=deadline.remaining())
            if trace_id not in found:
                raise not_found(
                    "trace_not_found",
                    f"no span of trace {trace_id} is stored",
                    "it may be older than the retention, not sampled, or not yet reported",
                )
            spans = found[trace_id]
            if as_otlp:
                return [msgspec.json.encode(traces_data(spans))]
            return trace_chunks(assemble(trace_id, spans, adjust_clock_skew=adjust))

        return await answer_in_chunks(request, work)

    async def request(self, request: web.Request) -> web.StreamResponse:
        """``GET /requests/{x_request_id}``."""
        parameters = Parameters(request.query, ("stitch", "adjust_clock_skew"))
        request_id = path_text(request, "x_request_id")
        adjust = parameters.boolean("adjust_clock_skew") or False
        stitch = parameters.choice("stitch", _SWITCH) or False
        query = TraceQuery(0, MAX_NS, request_id=request_id, limit=_MAX_REQUEST_TRACES)

        def work(deadline: Deadline) -> Iterable[bytes]:
            page = self._reader.find_traces(query, timeout_s=deadline.remaining())
            if not page.summaries:
                raise not_found(
                    "request_not_found",
                    f"no span with x-request-id {request_id!r} is stored",
                    "it may be older than the retention, not sampled, or not yet reported",
                )
            whole, rest = self._within_budget(page.summaries)
            ids = [summary.trace_id for summary in whole]
            spans = self._reader.get_traces(ids, timeout_s=deadline.remaining()) if ids else {}
            stitched = None
            if stitch and spans:
                stitched = self._stitching.stitched(spans, deadline, adjust_clock_skew=adjust)
                ids = [trace_id for trace_id in ids if trace_id in stitched.left_out]
            traces = (
                assemble(trace_id, spans[trace_id], adjust_clock_skew=adjust)
                for trace_id in ids
                if trace_id in spans  # the retention may have dropped it in between
            )
            return request_chunks(
                request_id, traces, rest, truncated=page.next is not None, stitched=stitched
            )

        return await answer_in_chunks(request, work)

    def _within_budget(
        self, summaries: tuple[TraceSummary, ...]
    ) -> tuple[list[TraceSummary], list[TraceSummary]]:
        """Split into traces to assemble and traces to sum up, so that the answer is bounded."""
        whole: list[TraceSummary] = []
        rest: list[TraceSummary] = []
        left = self._config.max_request_spans
        for summary in summaries:
            if summary.span_count <= left:
                left -= summary.span_count
                whole.append(summary)
            else:
                rest.append(summary)
        return whole, rest
