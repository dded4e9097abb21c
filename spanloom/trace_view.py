"""A trace as a tree on the terminal: who called whom, when, for how long, and what went wrong.

Made from the query API's document of a trace; what it does not show it does not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

__all__ = ["TraceView", "render_trace"]

_BAR_WIDTH = 32


class _Named(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Proxy(msgspec.Struct, frozen=True):
    hop: str


class _Flag(msgspec.Struct, frozen=True):
    flag: str
    meaning: str


class _Span(msgspec.Struct, frozen=True):
    name: str
    service_name: str
    kind: str
    parent_index: int | None
    missing: bool
    start_time_unix_nano: str
    duration_nano: str
    on_critical_path: bool
    error: bool
    status: _Named
    proxy: _Proxy | None
    response_flags: list[_Flag]
    warnings: list[_Named]


class _Summary(msgspec.Struct, frozen=True):
    start_time: str
    start_time_unix_nano: str
    duration_nano: str
    span_count: int
    error_count: int
    missing_span_count: int


class TraceView(msgspec.Struct, frozen=True):
    """The parts of the API's trace document that are shown; spans are in tree order."""

    trace_id: str
    summary: _Summary
    spans: list[_Span]
    warnings: list[_Named]


def render_trace(trace: TraceView, console: Console) -> None:
    """Print ``trace``: a heading, a line a span, then what is odd."""
    console.print(Group(_heading(trace), _tree(trace), *_oddities(trace.warnings)))


def _heading(trace: TraceView) -> RenderableType:
    summary = trace.summary
    counts = ((summary.span_count, "span"), (summary.error_count, "error"))
    facts = [f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n]
    if summary.missing_span_count:
        facts.append(f"{summary.missing_span_count} missing")
    facts += [_rounded(summary.duration_nano), summary.start_time]
    return Text.assemble(("trace ", "bold"), (trace.trace_id, "bold cyan"), "  " + ", ".join(facts))


def _tree(trace: TraceView) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(overflow="fold")
    table.add_column(width=_BAR_WIDTH, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for span, (branch, below) in zip(trace.spans, _guides(trace.spans), strict=True):
        duration = Text(_rounded(span.duration_nano))
        table.add_row(_label(span, branch), _bar(span, trace.summary), duration)
        for detail in _details(span):
            table.add_row(Text.assemble((below, "dim"), detail))
    return table


def _label(span: _Span, branch: str) -> Text:
    if span.missing:
        return Text.assemble((branch, "dim"), ("(a span that is not stored)", "dim italic"))
    label = Text.assemble((branch, "dim"), (span.service_name, "bold"), f" {span.name}")
    label.append(f" [{span.proxy.hop.replace('_', ' ') if span.proxy else span.kind}]", "dim")
    return label


def _details(span: _Span) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a span, and the colour to say it in."""
    if span.error:
        yield f"✗ error{f': {span.status.message}' if span.status.message else ''}", "red"
    for flag in span.response_flags:
        yield f"✗ {flag.flag}: {flag.meaning}", "red"
    for warning in span.warnings:
        yield f"! {warning.message}", "yellow"


def _bar(span: _Span, summary: _Summary) -> Text:
    whole = max(1, int(summary.duration_nano))
    begin = (int(span.start_time_unix_nano) - int(summary.start_time_unix_nano)) / whole
    begin = min(max(begin, 0.0), 1.0)
    left = min(round(begin * _BAR_WIDTH), _BAR_WIDTH - 1)
    length = max(1, round(int(span.duration_nano) / whole * _BAR_WIDTH))
    colour = "red" if span.error else "cyan"
    bar = "█" if span.on_critical_path else "▒"
    return Text(" " * left + bar * min(length, _BAR_WIDTH - left), colour)


def _rounded(nanoseconds: str) -> str:
    """Return three digits and the largest unit that leaves something before the point."""
    value = int(nanoseconds)
    for unit, size in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
        if value >= size:
            return f"{value / size:,.{max(0, 2 - len(str(value // size)) + 1)}f}{unit}"
    return f"{value}ns"


def _guides(spans: Sequence[_Span]) -> Iterator[tuple[str, str]]:
    """Yield what stands before each span's name, and before what is said below it.

    Spans come in tree order, so a parent comes before its children.
    """
    last_child = {span.parent_index: index for index, span in enumerate(spans)}
    with_children = {span.parent_index for span in spans}
    indents: list[str] = []
    for index, span in enumerate(spans):
        branch = indent = ""
        if span.parent_index is not None:
            is_last = last_child[span.parent_index] == index
            branch = indents[span.parent_index] + ("└─ " if is_last else "├─ ")
            indent = indents[span.parent_index] + ("   " if is_last else "│  ")
        indents.append(indent)
        yield branch, indent + ("│  " if index in with_children else "   ")


def _oddities(warnings: Sequence[_Named]) -> list[RenderableType]:
    return [Text(f"warning: {warning.message}", "yellow") for warning in warnings]
