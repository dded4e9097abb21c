"""Spans written short, for tests of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from model.span import Resource, Span, SpanKind

MakeSpan = Callable[..., Span]

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def trace_id() -> str:
    return TRACE_ID


@pytest.fixture
def span() -> MakeSpan:
    """Make a span from a one-digit id, its parent's, and a half-open time ``(start, end)``."""

    def make(
        span_id: int,
        parent: int = 0,
        time: tuple[int, int] = (0, 100),
        kind: SpanKind = SpanKind.INTERNAL,
        resource: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Span:
        return Span(
            trace_id=TRACE_ID,
            span_id=f"{span_id:016x}",
            parent_span_id=f"{parent:016x}" if parent else "",
            name=fields.pop("name", f"operation {span_id}"),
            start_ns=time[0],
            duration_ns=time[1] - time[0],
            kind=kind,
            resource=Resource(attributes=resource or {}),
            **fields,
        )

    return make
