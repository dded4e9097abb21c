"""Spans to adjust, and what became of them."""

from api.jaeger.adjust import AdjustedSpan, adjust
from model.span import Resource, Span

MS = 1_000_000
SECOND = 1_000_000_000
START = 1_795_176_000 * SECOND
TRACE = "00000000000000000000000000000c47"
EMPTY = "0" * 32


def span(
    number: int,
    parent: int = 0,
    at_ms: float = 0,
    ms: float = 10,
    host: str = "a",
    **fields: object,
) -> Span:
    resource = Resource({"host.name": host} if host else {"service.name": "x"})
    return Span(
        TRACE,
        f"{number:016x}",
        f"span {number}",
        START + round(at_ms * MS),
        round(ms * MS),
        parent_span_id=f"{parent:016x}" if parent else "",
        **{"resource": resource, **fields},  # type: ignore[arg-type] - the fields of a Span
    )


def adjusted(*spans: Span, max_s: float = 1.0) -> dict[str, AdjustedSpan]:
    """Return the adjusted spans by name."""
    found = adjust(spans, max_clock_skew_ns=round(max_s * SECOND))
    return {each.span.name: each for each in found}


def starts_ms(spans: dict[str, AdjustedSpan]) -> dict[str, float]:
    return {name: (each.span.start_ns - START) / MS for name, each in spans.items()}


def warnings(spans: dict[str, AdjustedSpan]) -> dict[str, tuple[str, ...]]:
    return {name: each.warnings for name, each in spans.items() if each.warnings}
