"""Spans for tests: short to write, and random ones from small alphabets so that they collide."""

from __future__ import annotations

import random
from typing import Any

from model.span import Event, Link, MeshIdentity, Resource, Scope, Span, SpanKind, StatusCode

__all__ = ["START_NS", "TIMEOUT_S", "make_span", "random_spans"]

START_NS = 1_760_000_000_000_000_000
TIMEOUT_S = 60.0


def make_span(trace: int = 1, number: int = 1, **fields: Any) -> Span:
    """Span ``number`` of trace ``trace``, which starts ``number`` microseconds after START_NS."""
    known: dict[str, Any] = {
        "trace_id": f"{trace:032x}",
        "span_id": f"{number:016x}",
        "name": "GET /",
        "start_ns": START_NS + number * 1000,
        "duration_ns": 500,
        "service_name": "reviews.default",
        "identity": MeshIdentity(service="reviews", namespace="default"),
    }
    return Span(**{**known, **fields})


_VALUES = (
    *("GET", "POST", "200", "503", "007", "1e3", "", "é", "true", "false", "a/b~c"),
    *(True, False, 200, 503, 7, -1, 1.5, 0.25, None, b"\x00\xff", ["a", 1], {"k": "GET"}),
    *("3f2e1d0c-aaaa-9bbb-8ccc-123456789abc", "3f2e1d0c-aaaa-4bbb-8ccc-123456789abc"),
)
_KEYS = (
    *("http.method", "http.request.method", "http.status_code", "error", "guid:x-request-id"),
    *("custom", "a/b~c", "é key", "component", "http.url"),
)
_RESOURCES = tuple(
    Resource({"service.name": name, "custom": value}, 1, "https://schema")
    for name, value in (("reviews", "GET"), ("ratings", 7), ("details", True))
)
_SCOPES = (Scope(), Scope("envoy", "1.40", {"custom": "200", "scope only": 1.5}, 2, "https://s"))
_IDENTITIES = (
    ("reviews.default", MeshIdentity("east", "default", "reviews", "v1", "reviews-v1", "pod-1")),
    ("reviews", MeshIdentity("west", "test", "reviews", "v2", "reviews-v2", "pod-2")),
    ("api.example.com", MeshIdentity(service="api.example.com")),
)


def random_spans(seed: int, count: int, traces: int, covers_ns: int) -> list[Span]:
    """``count`` spans of at most ``traces`` traces within ``covers_ns``; some traces are long."""
    choose = random.Random(seed)
    begins = [choose.randrange(covers_ns) for _ in range(traces)]
    lasts = [choose.choice((1000, 1_000_000, covers_ns)) for _ in range(traces)]
    spans = []
    for number in range(count):
        trace = choose.randrange(traces)
        keys = choose.sample(_KEYS, choose.randrange(5))
        service_name, identity = choose.choice(_IDENTITIES)
        spans.append(
            make_span(
                trace + 1,
                number + 1,
                start_ns=START_NS + begins[trace] + choose.randrange(lasts[trace]),
                duration_ns=choose.choice((0, 10, 5_000, 70_000_000)),
                name=choose.choice(("GET /", "POST /", "é")),
                kind=choose.choice(list(SpanKind)),
                status_code=choose.choice(list(StatusCode)),
                service_name=service_name,
                identity=identity,
                attributes={key: choose.choice(_VALUES) for key in keys},
                events=_events(choose),
                links=_links(choose),
                resource=choose.choice(_RESOURCES),
                scope=choose.choice(_SCOPES),
            )
        )
    return spans


def _links(choose: random.Random) -> tuple[Link, ...]:
    return tuple(
        Link(
            "ab" * 16, "cd" * 8, "s=1", {choose.choice(("custom", "l")): choose.choice(_VALUES)}, 3
        )
        for _ in range(choose.choice((0, 0, 0, 1, 2)))
    )


def _events(choose: random.Random) -> tuple[Event, ...]:
    return tuple(
        Event(START_NS, "retry", {choose.choice(("custom", "reason")): choose.choice(_VALUES)}, 4)
        for _ in range(choose.choice((0, 0, 0, 1, 2)))
    )
