"""``jaeger.api_v3.QueryService``: traces as OTLP, and searches that answer in summaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import grpc
from google.protobuf.json_format import MessageToJson
from grpc import StatusCode

from api.jaeger.backend import JaegerBackend
from api.jaeger.filtered_search import filtered
from api.jaeger.filters import UnsupportedFilter
from api.jaeger.grpc.calls import Calls, Stream
from api.jaeger.grpc.catalogue import call_counts, service_names, service_operations
from api.jaeger.grpc.errors import CallError, invalid
from api.jaeger.grpc.otlp_messages import traces_data
from api.jaeger.grpc.protos import api_v3_pb2 as v3
from api.jaeger.grpc.requests import checked_tags, duration_ns, is_unset, left_out, time_ns
from api.jaeger.search import Search
from api.jaeger.trace_ids import parse_trace_id
from api.queries import Deadline
from model.summary import TraceSummary

__all__ = ["SERVICE", "QueryV3"]

SERVICE = v3.DESCRIPTOR.services_by_name["QueryService"].full_name

_DEFAULT_DEPTH = 100
_SUMMARIES_PER_MESSAGE = 100
_INSTEAD_OF_FILTER = (
    "service_name",
    "operation_name",
    "attributes",
    "duration_min",
    "duration_max",
)


class QueryV3:
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
                "GetTrace": stream(name("GetTrace"), v3.GetTraceRequest, self.get_trace),
                "FindTraces": stream(name("FindTraces"), v3.FindTracesRequest, self.find_traces),
                "FindTraceSummaries": stream(
                    name("FindTraceSummaries"), v3.FindTraceSummariesRequest, self.find_summaries
                ),
                "GetServices": unary(name("GetServices"), v3.GetServicesRequest, self.services),
                "GetOperations": unary(
                    name("GetOperations"), v3.GetOperationsRequest, self.operations
                ),
                "GetDependencies": unary(
                    name("GetDependencies"), v3.GetDependenciesRequest, self.dependencies
                ),
            },
        )

    def get_trace(self, request: v3.GetTraceRequest, deadline: Deadline) -> Stream:
        """Stream a trace; the times of the request are hints, which no store of ours needs."""
        try:
            trace_id = parse_trace_id(request.trace_id)
        except ValueError as error:
            raise invalid(f"malformed trace ID: {error}") from error
        found = self._backend.traces.traces([trace_id], deadline, raw=request.raw_traces)
        if not found and not self._backend.config.unknown_trace_is_empty:
            raise CallError(StatusCode.NOT_FOUND, "trace not found")
        return Stream(
            message
            for trace in found.values()
            for message in traces_data(trace.spans, self._max_bytes)
        )

    def find_traces(self, request: v3.FindTracesRequest, deadline: Deadline) -> Stream:
        """Stream what a search finds, newest first; a message is of one trace."""
        found = self._backend.traces.search(_search(request), deadline)
        messages = (
            message
            for trace in found.traces
            for message in traces_data(trace.spans, self._max_bytes)
        )
        return Stream(messages, left_out(found))

    def find_summaries(self, request: v3.FindTraceSummariesRequest, deadline: Deadline) -> Stream:
        """Stream what a search finds, newest first, each trace in one line."""
        return Stream(_summaries(self._backend.traces.summaries(_search(request), deadline)))

    def services(self, _: v3.GetServicesRequest, deadline: Deadline) -> v3.GetServicesResponse:
        """Return the names of all services."""
        return v3.GetServicesResponse(services=service_names(self._backend, deadline))

    def operations(
        self, request: v3.GetOperationsRequest, deadline: Deadline
    ) -> v3.GetOperationsResponse:
        """Return a service's operations."""
        found = service_operations(self._backend, request.service, request.span_kind, deadline)
        return v3.GetOperationsResponse(
            operations=[v3.Operation(name=name, span_kind=kind) for name, kind in found]
        )

    def dependencies(
        self, request: v3.GetDependenciesRequest, deadline: Deadline
    ) -> v3.DependenciesResponse:
        """Return who calls whom in a window, both ends of which are needed."""
        found = call_counts(self._backend, request.start_time, request.end_time, deadline)
        return v3.DependenciesResponse(
            dependencies=[
                v3.Dependency(parent=parent, child=child, call_count=calls)
                for parent, child, calls in found
            ]
        )


def _search(request: v3.FindTracesRequest | v3.FindTraceSummariesRequest) -> Search:
    """Return the search of a request. Raises CallError."""
    if not request.HasField("query"):
        raise invalid("missing query")
    query = request.query
    if is_unset(query.start_time_min) or is_unset(query.start_time_max):
        raise invalid("start time min and max are required parameters")
    start_ns, end_ns = time_ns(query.start_time_min), time_ns(query.start_time_max)
    if start_ns >= end_ns:
        raise invalid("start_time_min must be before start_time_max")
    search = Search(
        start_ns=start_ns,
        end_ns=end_ns,
        service=query.service_name,
        operation=query.operation_name,
        tags=checked_tags(query.attributes),
        min_duration_ns=duration_ns("duration_min", query.duration_min),
        max_duration_ns=duration_ns("duration_max", query.duration_max),
        limit=query.search_depth if query.search_depth > 0 else _DEFAULT_DEPTH,
        raw=query.raw_traces,
    )
    return _filtered(query, search) if query.HasField("filter") else search


def _filtered(query: v3.TraceQueryParameters, search: Search) -> Search:
    """Return the search with its structured filter. Raises CallError."""
    for name in _INSTEAD_OF_FILTER:
        if name in {field.name for field, _ in query.ListFields()}:
            raise invalid(f"filter cannot be combined with {name}")
    try:
        return filtered(search, MessageToJson(query.filter, indent=None))
    except UnsupportedFilter as error:
        raise invalid(f"unsupported filter: {error}") from error
    except ValueError as error:
        raise invalid(f"malformed filter: {error}") from error


def _summaries(
    summaries: Sequence[TraceSummary],
) -> Iterator[v3.FindTraceSummariesResponse]:
    for first in range(0, len(summaries), _SUMMARIES_PER_MESSAGE):
        some = summaries[first : first + _SUMMARIES_PER_MESSAGE]
        yield v3.FindTraceSummariesResponse(summaries=map(_summary, some))


def _summary(summary: TraceSummary) -> v3.TraceSummary:
    """As the HTTP API writes it: without its root, a trace names none."""
    services = [
        v3.ServiceSummary(
            name=service.service_name,
            span_count=service.span_count,
            error_span_count=service.error_count,
        )
        for service in sorted(summary.services, key=lambda service: service.service_name)
    ]
    return v3.TraceSummary(
        trace_id=summary.trace_id,
        root_service_name="" if summary.root_missing else summary.root_service,
        root_operation_name="" if summary.root_missing else summary.root_operation,
        min_start_time_unix_nano=summary.start_ns,
        max_end_time_unix_nano=summary.start_ns + summary.duration_ns,
        span_count=summary.span_count,
        error_span_count=summary.error_count,
        orphan_span_count=summary.orphan_span_count,
        services=services,
    )
