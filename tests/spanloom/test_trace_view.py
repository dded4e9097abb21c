import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from spanloom.trace_view import TraceView, render_trace


def span(name, parent, start, duration, **more):
    return {
        "name": name,
        "service_name": more.pop("service", name),
        "kind": "server",
        "parent_index": parent,
        "missing": False,
        "start_time_unix_nano": str(start),
        "duration_nano": str(duration),
        "on_critical_path": False,
        "error": False,
        "status": {"code": "unset", "message": ""},
        "proxy": None,
        "response_flags": [],
        "warnings": [],
        **more,
    }


@pytest.fixture
def shown():
    def show(*spans, warnings=()):
        document = {
            "trace_id": "0" * 31 + "1",
            "summary": {
                "start_time": "2026-11-20T12:00:00Z",
                "start_time_unix_nano": "0",
                "duration_nano": "320000000",
                "span_count": len(spans),
                "error_count": sum(one["error"] for one in spans),
                "missing_span_count": sum(one["missing"] for one in spans),
            },
            "spans": list(spans),
            "warnings": [{"code": "x", "message": text} for text in warnings],
        }
        out = io.StringIO()
        trace = msgspec.convert(document, TraceView)
        render_trace(trace, Console(file=out, width=110, color_system=None))
        return [line.rstrip() for line in out.getvalue().splitlines()]

    return show


def test_a_trace_of_a_mesh(shown):
    flag = {"flag": "UH", "meaning": "no healthy upstream host"}
    lines = shown(
        span("gateway", None, 0, 320_000_000, on_critical_path=True, proxy={"hop": "gateway"}),
        span("reviews", 0, 10_000_000, 100_000_000),
        span("ratings", 1, 10_000_000, 50_000, error=True, response_flags=[flag])
        | {"status": {"code": "error", "message": "503"}},
        span("details", 0, 160_000_000, 160_000_000, warnings=[{"code": "a", "message": "odd"}]),
        warnings=["clocks differ"],
    )

    golden = Path(__file__).parent / "golden" / "trace.txt"
    assert golden.read_text().splitlines() == lines


def test_a_parent_that_is_not_stored_is_shown_as_such(shown):
    lines = shown(span("", None, 0, 0, missing=True), span("orphan", 0, 0, 1))

    assert "1 missing" in lines[0]
    assert lines[1].startswith("(a span that is not stored)")
    assert lines[2].startswith("└─ orphan")


def test_names_are_text_and_not_markup(shown):
    assert shown(span("[red]x[/red]", None, 0, 1))[1].startswith("[red]x[/red] [red]x[/red]")


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        ("999", "999ns"),
        ("1500", "1.50µs"),
        ("15298489", "15.3ms"),
        ("320000000", "320ms"),
        ("1234567890", "1.23s"),
        ("4000000000000", "4,000s"),
    ],
)
def test_durations_have_three_digits(shown, nanoseconds, text):
    line = shown(span("x", None, 0, 0) | {"duration_nano": nanoseconds})[1]

    assert text == line.split()[-1]
