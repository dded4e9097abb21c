"""A search as Jaeger's clients ask it, and the query of the store that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from api.jaeger.config import JaegerConfig
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import SpanKind, StatusCode

__all__ = ["Search", "trace_query"]

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_STATUSES = {status.name: status for status in StatusCode}
_RESOURCE = "resource."
_CLUSTER = "istio.cluster_id"


@dataclass(frozen=True, slots=True)
class Search:
    """What a client asks for: traces with one span on which all of this holds.

    Attributes:
        start_ns, end_ns: of the span's start, both inclusive.
        service: in any form of its name; empty for all.
        operation: exact span name; empty for all.
        tags: attributes by key, compared by the text of their values.
        min_duration_ns, max_duration_ns: of the span, both inclusive; 0 for no bound.
        kind, status, scope_name, scope_version: of the span; None for all.
        conditions: on its attributes, besides ``tags``.
        limit: the newest so many traces; more than the installation allows is taken as that.
        raw: leave the spans as they were sent.
    """

    start_ns: int
    end_ns: int
    service: str = ""
    operation: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    min_duration_ns: int = 0
    max_duration_ns: int = 0
    kind: SpanKind | None = None
    status: StatusCode | None = None
    scope_name: str | None = None
    scope_version: str | None = None
    conditions: tuple[AttributeCondition, ...] = ()
    limit: int = 100
    raw: bool = False


def trace_query(search: Search, config: JaegerConfig) -> TraceQuery:
    """Return the query that answers ``search``.

    Reserved keys of tags are those of Jaeger's in-memory store: ``error`` (by rule G34),
    ``span.kind``, ``span.status``, ``scope.name``, ``scope.version`` and ``resource.X``. With a
    value that they cannot have, ``error``, ``span.kind`` and ``span.status`` are attributes like
    any other. ``istio.cluster_id`` with the configured cluster also holds for spans without it.
    """
    query = TraceQuery(
        from_ns=search.start_ns,
        to_ns=search.end_ns + 1,
        service=search.service,
        operation=search.operation,
        scope_name=search.scope_name,
        scope_version=search.scope_version,
        kind=search.kind,
        status=search.status,
        min_duration_ns=search.min_duration_ns or None,
        max_duration_ns=search.max_duration_ns or None,
        limit=min(search.limit, config.max_limit),
    )
    conditions = list(search.conditions)
    for key, value in search.tags.items():
        match key, value:
            case "error", "true" | "false":
                query = replace(query, error=value == "true")
            case "span.kind", str() if value.lower() in _KINDS:
                query = replace(query, kind=_KINDS[value.lower()])
            case "span.status", str() if value.upper() in _STATUSES:
                query = replace(query, status=_STATUSES[value.upper()])
            case "scope.name", _:
                query = replace(query, scope_name=value)
            case "scope.version", _:
                query = replace(query, scope_version=value)
            case _ if key.startswith(_RESOURCE) and key != _RESOURCE:
                name = key.removeprefix(_RESOURCE)
                conditions.append(
                    AttributeCondition(name, Comparison.EQUAL, value, AttributeScope.RESOURCE)
                )
            case _:
                or_absent = key == _CLUSTER and value == config.cluster != ""
                conditions.append(
                    AttributeCondition(key, Comparison.EQUAL, value, or_absent=or_absent)
                )
    return replace(query, attributes=tuple(conditions))
