"""What can be asked of the store, as values: no SQL, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.span import SpanKind, StatusCode

__all__ = [
    "AttributeCondition",
    "AttributeScope",
    "Comparison",
    "Cursor",
    "TraceQuery",
]


class AttributeScope(StrEnum):
    """Where an attribute is looked for. ``ANY`` is any of the others, on one and the same span."""

    ANY = "any"
    SPAN = "span"
    RESOURCE = "resource"
    SCOPE = "scope"
    EVENT = "event"
    LINK = "link"


class Comparison(StrEnum):
    """How an attribute is compared.

    EQUAL compares the text of the value (``200`` equals the int 200 and the string "200").
    The four orderings compare as numbers if the condition's value is a number (an attribute
    that is no number does not match), else as text by code point. NOT_EQUAL and NOT_EXISTS are
    the exact negations of EQUAL and EXISTS: they hold for spans without the attribute.
    CONTAINS is a case-sensitive substring.
    """

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    CONTAINS = "~"
    EXISTS = "exists"
    NOT_EXISTS = "!exists"


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """One condition on the attributes of a span.

    Attributes:
        value: empty for the existence tests.
        or_absent: holds for spans without the attribute too.
    """

    key: str
    comparison: Comparison
    value: str = ""
    scope: AttributeScope = AttributeScope.ANY
    or_absent: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The position after a trace in newest-first order (trace start, then trace id)."""

    start_ns: int
    trace_id: str


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """Traces that hold at least one span matching *all* of the span conditions.

    Attributes:
        from_ns, to_ns: half-open window [from, to) for the start of the matching span.
        service: a service name in any of its forms: as sent (``reviews.default``), bare
            (``reviews``) or as a host (``reviews.default.svc.cluster.local``); empty for all.
        namespace, cluster: of the span's mesh identity; empty for all.
        operation: exact span name; empty for all.
        scope_name, scope_version: of the instrumentation scope, exact; None for all.
        kind, status: None for all. ``error`` is rule G34's error, not the bare status.
        min_duration_ns, max_duration_ns: of the matching span, both inclusive.
        min_trace_duration_ns, max_trace_duration_ns: of the whole trace, both inclusive.
        request_id: traces of one ``x-request-id``; its 14th character is ignored because
            proxies rewrite it.
        attributes: all must hold on one span.
        limit: traces per page.
        after: continue after this position.
    """

    from_ns: int
    to_ns: int
    service: str = ""
    namespace: str = ""
    cluster: str = ""
    operation: str = ""
    scope_name: str | None = None
    scope_version: str | None = None
    kind: SpanKind | None = None
    status: StatusCode | None = None
    error: bool | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    min_trace_duration_ns: int | None = None
    max_trace_duration_ns: int | None = None
    request_id: str = ""
    attributes: tuple[AttributeCondition, ...] = ()
    limit: int = 20
    after: Cursor | None = None
