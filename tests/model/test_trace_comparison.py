"""Two traces, or two sets of traces, laid over each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.span import Span, SpanKind, StatusCode
from model.trace import Trace, assemble
from model.trace_comparison import Change, Outcome, TraceComparison, compare_traces

MS = 1_000_000


def span(
    number: int,
    parent: int,
    name: str,
    at_ms: int = 0,
    ms: int = 10,
    kind: SpanKind = SpanKind.SERVER,
    service: str = "shop",
    **fields: object,
) -> Span:
    return Span(
        trace_id=f"{1:032x}",
        span_id=f"{number:016x}",
        parent_span_id=f"{parent:016x}" if parent else "",
        name=name,
        start_ns=10**18 + at_ms * MS,
        duration_ns=ms * MS,
        kind=kind,
        service_name=service,
        **fields,  # type: ignore[arg-type] - the fields of a Span
    )


def trace(*spans: Span, number: int = 1) -> Trace:
    trace_id = f"{number:032x}"
    return assemble(trace_id, [replace(one, trace_id=trace_id) for one in spans])


def changes(found: TraceComparison) -> list[tuple[str, int, str]]:
    return [(one.key.operation, one.ordinal, one.change.value) for one in found.spans]


ROOT = span(1, 0, "page", ms=100)


def test_equal_traces_are_the_same_in_every_span() -> None:
    spans = (ROOT, span(2, 1, "get", 10), span(3, 2, "read", 11, 5))

    found = compare_traces([trace(*spans)], [trace(*spans, number=2)])

    assert [("page", 0, "same"), ("get", 0, "same"), ("read", 0, "same")] == changes(found)
    assert [None, 0, 1] == [one.parent for one in found.spans]
    assert [0, 1, 2] == [one.depth for one in found.spans]


def test_a_new_call_is_new_with_all_below_it_and_moves_no_other() -> None:
    old = (ROOT, span(2, 1, "get", 10), span(4, 1, "get", 50))
    new = (
        ROOT,
        span(2, 1, "get", 10),
        span(4, 1, "get", 50),
        span(5, 1, "pay", 30),
        span(6, 5, "sql", 31),
    )

    found = compare_traces([trace(*old)], [trace(*new)])

    assert [
        ("page", 0, "same"),
        ("get", 0, "same"),
        ("pay", 0, "new"),
        ("sql", 0, "new"),
        ("get", 1, "same"),
    ] == changes(found)
    assert ([2], []) == (found.tops(Change.NEW), found.tops(Change.MISSING))


def test_a_call_less_is_missing_and_its_time_counts_against() -> None:
    found = compare_traces([trace(ROOT, span(2, 1, "get", 10, 20))], [trace(ROOT)])

    assert ([1], -20 * MS, None) == (
        found.tops(Change.MISSING),
        found.spans[1].difference_ns,
        found.spans[1].b,
    )


def test_like_siblings_are_told_apart_by_their_order() -> None:
    a = trace(ROOT, span(2, 1, "get", 10, 10), span(3, 1, "get", 30, 10))
    b = trace(ROOT, span(9, 1, "get", 10, 10), span(8, 1, "get", 30, 40))

    found = compare_traces([a], [b])

    assert [("page", 0, "same"), ("get", 0, "same"), ("get", 1, "slower")] == changes(found)


def test_kind_and_service_are_part_of_a_step() -> None:
    a = trace(ROOT, span(2, 1, "get", kind=SpanKind.CLIENT))
    b = trace(ROOT, span(2, 1, "get", kind=SpanKind.SERVER))

    assert ["same", "missing", "new"] == sorted(
        (change for _, _, change in changes(compare_traces([a], [b]))),
        key=["same", "missing", "new"].index,
    )


@pytest.mark.parametrize(
    ("a_ms", "b_ms", "change"),
    [(100, 110, "same"), (100, 112, "slower"), (100, 88, "faster"), (0, 1, "same")],
)
def test_slower_is_by_more_than_a_tenth_and_a_thousandth_of_the_whole(
    a_ms: int, b_ms: int, change: str
) -> None:
    root = span(1, 0, "page", ms=1000)

    found = compare_traces(
        [trace(root, span(2, 1, "get", 1, a_ms))], [trace(root, span(2, 1, "get", 1, b_ms))]
    )

    assert change == found.spans[1].change.value


def test_a_changed_status_is_told_with_both() -> None:
    ok = span(2, 1, "get", attributes={"http.status_code": "200", "response_flags": "-"})
    failed = span(
        2, 1, "get", status_code=StatusCode.ERROR,
        attributes={"http.status_code": "503", "response_flags": "UH"},
    )  # fmt: skip

    found = compare_traces([trace(ROOT, ok)], [trace(ROOT, failed)])

    assert [1] == found.status_changes()
    a, b = found.spans[1].a, found.spans[1].b
    assert a is not None
    assert b is not None
    assert (Outcome(False, "200", ""), Outcome(True, "503", "UH"), 0, 1) == (
        a.outcome,
        b.outcome,
        a.errors,
        b.errors,
    )


def test_sets_are_compared_by_their_medians_and_say_in_how_many_traces_a_span_is() -> None:
    a = [trace(span(1, 0, "page", ms=ms), number=ms) for ms in (10, 20, 1000)]
    b = [
        trace(span(1, 0, "page", ms=ms), span(2, 1, "get", ms=5), number=ms) for ms in (40, 50, 60)
    ]
    b.append(trace(span(1, 0, "page", ms=70), number=70))

    found = compare_traces(a, b)

    assert (3, 4, 20 * MS, 50 * MS) == (
        found.a_traces,
        found.b_traces,
        found.a_duration_ns,
        found.b_duration_ns,
    )
    assert [("page", 0, "slower"), ("get", 0, "new")] == changes(found)
    new = found.spans[1].b
    assert new is not None
    assert 3 == new.traces


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one trace"):
        compare_traces([], [trace(ROOT)])


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    count = draw(st.integers(1, 12))
    spans = [
        span(
            number,
            draw(st.integers(0, number - 1)),
            draw(st.sampled_from("ab")),
            draw(st.integers(0, 50)),
            draw(st.integers(0, 50)),
        )
        for number in range(1, count + 1)
    ]
    return trace(*spans)


@given(traces(), traces())
def test_every_span_of_both_sides_is_somewhere_and_nothing_else(a: Trace, b: Trace) -> None:
    found = compare_traces([a], [b])

    assert len(a.nodes) == sum(one.a is not None for one in found.spans)
    assert len(b.nodes) == sum(one.b is not None for one in found.spans)
    assert all(one.parent is None or one.parent < i for i, one in enumerate(found.spans))


@given(traces(), traces())
def test_the_other_way_round_is_the_mirror(a: Trace, b: Trace) -> None:
    mirrored = {"new": "missing", "missing": "new"}

    def presence(found: TraceComparison) -> Counter[tuple[str, int]]:
        return Counter(
            (one.change.value, one.depth) for one in found.spans if one.change.value in mirrored
        )

    there, back = presence(compare_traces([a], [b])), presence(compare_traces([b], [a]))

    assert there == Counter({(mirrored[change], depth): n for (change, depth), n in back.items()})
