"""A trace as OTLP/JSON ``TracesData``: what exporters sent, for other tools to read.

Follows opentelemetry-proto ``docs/specification.md`` ("JSON Protobuf Encoding"): ids are hex,
64-bit integers are strings, enums are numbers, and fields at their default are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from api.sharing import Shared
from model.attributes import JsonValue, attributes_to_json
from model.span import Event, Link, Resource, Scope, Span

__all__ = ["resource_spans", "traces_data"]


def traces_data(spans: Iterable[Span]) -> dict[str, object]:
    """Return ``spans`` as TracesData; see :func:`resource_spans`."""
    return {"resourceSpans": resource_spans(spans)}


def resource_spans(spans: Iterable[Span]) -> list[dict[str, object]]:
    """Return ``spans`` as ResourceSpans, grouped by resource and scope in order of appearance.

    Each span comes encoded already (``msgspec.Raw``), so that encoding the document of a large
    trace does not hold the interpreter for long at a stretch.
    """
    resources, scopes = Shared(_resource), Shared(_scope)
    grouped: dict[int, dict[int, list[msgspec.Raw]]] = {}
    for span in spans:
        by_scope = grouped.setdefault(resources.index(span.resource), {})
        group = by_scope.setdefault(scopes.index(span.scope), [])
        group.append(msgspec.Raw(msgspec.json.encode(_span(span))))
    return [
        {
            **resources.documents[resource],
            "scopeSpans": [
                {**scopes.documents[scope], "spans": group} for scope, group in by_scope.items()
            ],
        }
        for resource, by_scope in grouped.items()
    ]


def _resource(resource: Resource) -> dict[str, JsonValue]:
    return {
        "resource": _sent(
            {
                "attributes": attributes_to_json(resource.attributes),
                "droppedAttributesCount": resource.dropped_attributes_count,
            }
        ),
        **_sent({"schemaUrl": resource.schema_url}),
    }


def _scope(scope: Scope) -> dict[str, JsonValue]:
    return {
        "scope": _sent(
            {
                "name": scope.name,
                "version": scope.version,
                "attributes": attributes_to_json(scope.attributes),
                "droppedAttributesCount": scope.dropped_attributes_count,
            }
        ),
        **_sent({"schemaUrl": scope.schema_url}),
    }


def _span(span: Span) -> dict[str, JsonValue]:
    status: dict[str, JsonValue] = {
        "message": span.status_message,
        "code": int(span.status_code),
    }
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **_sent({"traceState": span.trace_state, "parentSpanId": span.parent_span_id}),
        **_sent({"flags": span.flags}),
        "name": span.name,
        "kind": int(span.kind),
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        **_sent(
            {
                "attributes": attributes_to_json(span.attributes),
                "droppedAttributesCount": span.dropped_attributes_count,
                "events": [_event(event) for event in span.events],
                "droppedEventsCount": span.dropped_events_count,
                "links": [_link(link) for link in span.links],
                "droppedLinksCount": span.dropped_links_count,
            }
        ),
        "status": _sent(status),
    }


def _event(event: Event) -> dict[str, JsonValue]:
    return {
        "timeUnixNano": str(event.time_ns),
        **_sent(
            {
                "name": event.name,
                "attributes": attributes_to_json(event.attributes),
                "droppedAttributesCount": event.dropped_attributes_count,
            }
        ),
    }


def _link(link: Link) -> dict[str, JsonValue]:
    return {
        "traceId": link.trace_id,
        "spanId": link.span_id,
        **_sent(
            {
                "traceState": link.trace_state,
                "attributes": attributes_to_json(link.attributes),
                "droppedAttributesCount": link.dropped_attributes_count,
                "flags": link.flags,
            }
        ),
    }


def _sent(members: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Leave out what is at its default, as protobuf's JSON form does."""
    return {name: value for name, value in members.items() if value}
