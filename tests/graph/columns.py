"""SpanColumns from spans, as the docstrings of model/graph/span_columns.py say."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from model.attributes import AttributeValue
from model.columns import WELL_KNOWN, ColumnType, columns_by_key
from model.envoy import ClusterKind, parse_upstream_cluster
from model.graph.span_columns import PROBE_USER_AGENTS, LinkedSpan, SpanClass, SpanColumns, SpanLink
from model.side import Side, side_of
from model.span import Span

__all__ = ["class_of", "columns_of", "linked_spans", "trace_times", "well_known"]

_COLUMNS = columns_by_key(WELL_KNOWN)
_CANONICAL_INT = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE | re.ASCII)
_INT64 = range(-(1 << 63), 1 << 63)
_HTTP = ("http_method", "http_status_code", "http_url", "url_path", "http_route")
_PARENT_IS_KNOWN = 0x100
_PARENT_IS_REMOTE = 0x200

Value = str | int | bool

T = TypeVar("T", bound=Hashable)


def columns_of(spans: Iterable[Span], linked_from: Iterable[Span] = ()) -> SpanColumns:
    """Return ``spans`` in columns: traces by time, the spans of a trace in the order given.

    Links resolve to ``spans`` and to ``linked_from``: spans that are stored, but whose traces
    are not wanted.
    """
    given = list(spans)
    times = trace_times(given)
    trace_ids = sorted(times, key=lambda trace_id: (times[trace_id], trace_id))
    trace_of = {trace_id: index for index, trace_id in enumerate(trace_ids)}
    rows = sorted(given, key=lambda span: trace_of[span.trace_id])
    values = [well_known(span) for span in rows]
    classes = _Distinct(class_of(span) for span in rows)
    addresses = _Distinct(
        ("", *(_text(value, "peer_address") for value in values)),
    )
    states = _Distinct(("", *(span.trace_state for span in rows)))
    links = {
        row: tuple(SpanLink(link.trace_id, link.span_id) for link in span.links)
        for row, span in enumerate(rows)
        if span.links
    }
    return SpanColumns(
        trace=_int64s(trace_of[span.trace_id] for span in rows),
        trace_ids=_halves(trace_ids),
        times_ns=_int64s(times[trace_id] for trace_id in trace_ids),
        span_id=_int64s(_signed(span.span_id) for span in rows),
        parent_id=_int64s(_signed(span.parent_span_id) for span in rows),
        has_parent=np.array([span.parent_span_id != "" for span in rows], np.bool_),
        start_ns=_int64s(span.start_ns for span in rows),
        duration_ns=_int64s(span.duration_ns for span in rows),
        request_bytes=_int64s(_size(value, "request_size") for value in values),
        response_bytes=_int64s(_size(value, "response_size") for value in values),
        span_class=np.array(classes.indexes, np.int32),
        classes=tuple(classes.items),
        peer_address=np.array(addresses.indexes[1:], np.int32),
        peer_addresses=tuple(addresses.items),
        trace_state=np.array(states.indexes[1:], np.int32),
        trace_states=tuple(states.items),
        request_id=_halves([_text(value, "request_id").replace("-", "") for value in values]),
        links=links,
        linked=linked_spans(
            {link for found in links.values() for link in found}, [*rows, *linked_from]
        ),
    )


def trace_times(spans: Iterable[Span]) -> dict[str, int]:
    """Return the time of each trace by its id (rule G41)."""
    starts: dict[str, list[Span]] = {}
    for span in spans:
        starts.setdefault(span.trace_id, []).append(span)
    return {
        trace_id: min(
            span.start_ns for span in ([one for one in found if not one.parent_span_id] or found)
        )
        for trace_id, found in starts.items()
    }


def linked_spans(links: Iterable[SpanLink], stored: Iterable[Span]) -> dict[SpanLink, LinkedSpan]:
    """Return what ``links`` name of ``stored``; of a shared id the caller's side, merged (G2)."""
    reports: dict[SpanLink, list[Span]] = {}
    for span in stored:
        reports.setdefault(SpanLink(span.trace_id, span.span_id), []).append(span)
    found: dict[SpanLink, LinkedSpan] = {}
    for link in links:
        if link not in reports:
            continue
        side = min(side_of(span.kind) for span in reports[link])
        of_side = [span for span in reports[link] if side_of(span.kind) is Side(side)]
        start_ns = min(span.start_ns for span in of_side)
        fullest = min(
            (class_of(span) for span in of_side),
            key=lambda one: (-_fullness(one), repr(one)),
        )
        found[link] = LinkedSpan(fullest, start_ns, max(span.end_ns for span in of_side) - start_ns)
    return found


def _fullness(span_class: SpanClass) -> int:
    return sum(
        getattr(span_class, name) not in ("", None) for name in SpanClass.__dataclass_fields__
    )


def well_known(span: Span) -> dict[str, Value]:
    """Return the values of the well-known columns; of two keys of a column the first counts."""
    found: dict[str, Value] = {}
    for key, sent in span.attributes.items():
        column = _COLUMNS.get(key)
        if column is None or column.name in found:
            continue
        value = _held(column.type, sent)
        if value is not None:
            found[column.name] = value
    return found


def _held(type: ColumnType, value: AttributeValue) -> Value | None:
    match type, value:
        case ColumnType.STRING, str():
            return value
        case ColumnType.BOOL, bool():
            return value
        case ColumnType.BOOL, "true" | "false":
            return value == "true"
        case ColumnType.INT, int() if not isinstance(value, bool):
            return value
        case ColumnType.INT, str() if _CANONICAL_INT.fullmatch(value) and int(value) in _INT64:
            return int(value)
        case ColumnType.UUID, str() if _is_uuid(value):
            return value
        case _:
            return None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def class_of(span: Span) -> SpanClass:
    """Return everything that the class of a span tells."""
    values = well_known(span)

    def text(column: str) -> str:
        return _text(values, column)

    cluster = parse_upstream_cluster(text("upstream_cluster"))
    is_outbound = side_of(span.kind) is Side.CLIENT
    calls_service = cluster is not None and cluster.kind is ClusterKind.OUTBOUND
    mtls = values.get("mtls")
    return SpanClass(
        name=span.name,
        kind=span.kind,
        status=span.status_code,
        error=span.is_error,
        remote_parent=(
            bool(span.flags & _PARENT_IS_REMOTE) if span.flags & _PARENT_IS_KNOWN else None
        ),
        service_name=span.service_name,
        identity=span.identity,
        component=text("component"),
        node_id=text("node_id"),
        upstream_cluster=text("upstream_cluster"),
        upstream_address=text("upstream_address"),
        peer_service=text("peer_service"),
        server_address=text("server_address"),
        server_port=text("server_port"),
        url_host=_url_host(text("http_url")) if is_outbound and not calls_service else "",
        http_status_code=text("http_status_code"),
        grpc_status_code=text("grpc_status_code"),
        is_http=any(column in values for column in _HTTP),
        is_grpc=(
            "grpc_path" in values or "grpc_status_code" in values or text("rpc_system") == "grpc"
        ),
        response_flags=text("response_flags"),
        db_system=text("db_system"),
        db_namespace=text("db_namespace"),
        messaging_system=text("messaging_system"),
        messaging_destination=text("messaging_destination"),
        source_workload=text("istio_source_workload"),
        source_namespace=text("istio_source_namespace"),
        source_service=text("istio_source_service"),
        destination_workload=text("istio_destination_workload"),
        destination_namespace=text("istio_destination_namespace"),
        destination_service=text("istio_destination_service"),
        mtls=mtls if isinstance(mtls, bool) else None,
        source_principal=text("source_principal"),
        destination_principal=text("destination_principal"),
        is_probe=text("user_agent").startswith(PROBE_USER_AGENTS),
    )


def _url_host(url: str) -> str:
    # Not urlsplit: what was sent as the authority is shown as it was sent, be it no host at all.
    found = _AUTHORITY.match(url)
    return "" if found is None else found[1].rpartition("@")[2]


def _text(values: dict[str, Value], column: str) -> str:
    return str(values.get(column, ""))


def _size(values: dict[str, Value], column: str) -> int:
    value = values.get(column, -1)
    return value if isinstance(value, int) else -1


class _Distinct(Generic[T]):
    def __init__(self, items: Iterable[T]) -> None:
        self.items: list[T] = []
        self.indexes: list[int] = []
        known: dict[T, int] = {}
        for item in items:
            if item not in known:
                known[item] = len(self.items)
                self.items.append(item)
            self.indexes.append(known[item])


def _int64s(numbers: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(numbers, np.int64)


def _signed(hex_digits: str) -> int:
    return int.from_bytes(bytes.fromhex(hex_digits), "big", signed=True)


def _halves(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    halves = [(int(one[:16] or "0", 16), int(one[16:] or "0", 16)) for one in ids]
    return np.array(halves, np.uint64).reshape(len(ids), 2)
