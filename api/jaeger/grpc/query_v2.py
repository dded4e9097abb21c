"""``jaeger.api_v2.QueryService``: what Kiali calls (jaeger-api §7, kiali-backend §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import grpc
from grpc import StatusCode

from api.jaeger.aliases import jaeger_spans
from api.jaeger.backend import JaegerBackend
from api.jaeger.grpc.calls import Calls, Stream
from api.jaeger.grpc.catalogue import call_counts, service_names, service_operations
from api.jaeger.grpc.errors import CallError, invalid
from api.jaeger.grpc.jaeger_messages import span_chunks
from api.jaeger.grpc.protos import api_v2_pb2 as v2
from api.jaeger.grpc.requests import (
    checked_tags,
    duration_ns,
    is_unset,
    left_out,
    time_ns,
    trace_id_of,
)
from api.jaeger.search import Search
from api.jaeger.source import JaegerTrace
from api.queries import Deadline

__all__ = ["SERVICE", "QueryV2"]

SERVICE = v2.DESCRIPTOR.services_by_name["QueryService"].full_name


class QueryV2:
    """The methods. Those that make answers block: they run on query threads."""

    def __init__(self, backend: JaegerBackend) -> None:
        self._backend = backend
        self._max_bytes = backend.config.grpc.max_message_bytes

    def handler(self, calls: Calls) -> grpc.GenericRpcHandler:
        """Return the service for a server."""

        def name(method: str) -> str:
            return f"{SERVICE}/{method}"

        unary, stream = calls.unary, calls.stream
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "GetTrace": stream(name("GetTrace"), v2.GetTraceRequest, self.get_trace),
                "FindTraces": stream(name("FindTraces"), v2.FindTracesRequest, self.find_traces),
                "ArchiveTrace": unary(
                    name("ArchiveTrace"), v2.ArchiveTraceRequest, self.archive_trace
                ),
                "GetServices": unary(name("GetServices"), v2.GetServicesRequest, self.services),
                "GetOperations": unary(
                    name("GetOperations"), v2.GetOperationsRequest, self.operations
                ),
                "GetDependencies": unary(
                    name("GetDependencies"), v2.GetDependenciesRequest, self.dependencies
                ),
            },
        )

    def get_trace(self, request: v2.GetTraceRequest, deadline: Deadline) -> Stream:
        """Stream a trace; the times of the request are hints, which no store of ours needs."""
        trace_id = trace_id_of(request.trace_id)
        found = self._backend.traces.traces([trace_id], deadline, raw=request.raw_traces)
        if not found and not self._backend.config.unknown_trace_is_empty:
            raise CallError(StatusCode.NOT_FOUND, "trace not found")
        return Stream(self._chunks(found.values()))

    def find_traces(self, request: v2.FindTracesRequest, deadline: Deadline) -> Stream:
        """Stream what a search finds, newest first."""
        if not request.HasField("query"):
            raise invalid("missing query")
        query = request.query
        search = Search(
            start_ns=time_ns(query.start_time_min),
            end_ns=(
                self._backend.now_ns()
                if is_unset(query.start_time_max)
                else time_ns(query.start_time_max)
            ),
            service=query.service_name,
            operation=query.operation_name,
            tags=checked_tags(query.tags),
            min_duration_ns=duration_ns("duration_min", query.duration_min),
            max_duration_ns=duration_ns("duration_max", query.duration_max),
            limit=query.search_depth
            if query.search_depth > 0
            else self._backend.config.default_limit,
            raw=query.raw_traces,
        )
        if search.start_ns > search.end_ns:
            raise invalid("start_time_min must be before start_time_max")
        found = self._backend.traces.search(search, deadline)
        return Stream(self._chunks(found.traces, search.service), left_out(found))

    def archive_trace(
        self, request: v2.ArchiveTraceRequest, deadline: Deadline
    ) -> v2.ArchiveTraceResponse:
        """Refuse: the store keeps what the retention lets it keep, and has no archive."""
        trace_id = trace_id_of(request.trace_id)
        if not self._backend.traces.traces([trace_id], deadline, raw=True):
            raise CallError(StatusCode.NOT_FOUND, "trace not found")
        raise CallError(
            StatusCode.INTERNAL,
            "failed to archive trace: archive span storage was not configured",
        )

    def services(self, _: v2.GetServicesRequest, deadline: Deadline) -> v2.GetServicesResponse:
        """Return the names of all services."""
        return v2.GetServicesResponse(services=service_names(self._backend, deadline))

    def operations(
        self, request: v2.GetOperationsRequest, deadline: Deadline
    ) -> v2.GetOperationsResponse:
        """Return a service's operations, and their names alone for old clients."""
        found = service_operations(self._backend, request.service, request.span_kind, deadline)
        return v2.GetOperationsResponse(
            operationNames=dict.fromkeys(name for name, _ in found),
            operations=[v2.Operation(name=name, span_kind=kind) for name, kind in found],
        )

    def dependencies(
        self, request: v2.GetDependenciesRequest, deadline: Deadline
    ) -> v2.GetDependenciesResponse:
        """Return who calls whom in a window, both ends of which are needed."""
        found = call_counts(self._backend, request.start_time, request.end_time, deadline)
        return v2.GetDependenciesResponse(
            dependencies=[
                v2.DependencyLink(parent=parent, child=child, call_count=calls)
                for parent, child, calls in found
            ]
        )

    def _chunks(
        self, traces: Iterable[JaegerTrace], asked: str = ""
    ) -> Iterator[v2.SpansResponseChunk]:
        for trace in traces:
            yield from span_chunks(jaeger_spans(trace.spans, asked), self._max_bytes)
