"""Services, operations and dependencies, which both generations of the API tell alike."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from api.graph_source import GraphSource
from api.jaeger.backend import JaegerBackend
from api.jaeger.grpc.errors import invalid
from api.jaeger.grpc.requests import is_unset, time_ns
from api.queries import Deadline
from model.graph.dependencies import dependencies
from model.span import SpanKind

__all__ = ["call_counts", "service_names", "service_operations"]


def service_names(backend: JaegerBackend, deadline: Deadline) -> list[str]:
    """Return the names of all services, as they were sent, in order."""
    found = backend.reader.services(timeout_s=deadline.remaining())
    return sorted({service.name for service in found} - {""})


def service_operations(
    backend: JaegerBackend, service: str, kind: str, deadline: Deadline
) -> list[tuple[str, str]]:
    """Return names and kinds (``server``; empty where none was sent) of operations, in order.

    Those of ``kind``; of all kinds if it is empty.
    """
    found = backend.reader.operations(service, timeout_s=deadline.remaining())
    named = [(operation.name, _kind_text(operation.kind)) for operation in found]
    return [each for each in named if kind in ("", each[1])]


def call_counts(
    backend: JaegerBackend, start: Timestamp, end: Timestamp, deadline: Deadline
) -> list[tuple[str, str, int]]:
    """Return callers, callees and the number of calls between the two times, both included.

    Raises CallError.
    """
    if is_unset(start) or is_unset(end):
        raise invalid("StartTime and EndTime must be initialized.")
    start_ns, end_ns = time_ns(start), time_ns(end)
    if start_ns > end_ns:
        raise invalid("StartTime must not be after EndTime.")
    tables = GraphSource(backend.graph).tables(start_ns, end_ns + 1, deadline)
    return [(each.parent, each.child, each.call_count) for each in dependencies(tables.edges)]


def _kind_text(kind: SpanKind) -> str:
    return "" if kind is SpanKind.UNSPECIFIED else kind.name.lower()
