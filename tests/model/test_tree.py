"""The shape of a trace: parents, placeholders, shared ids, cycles (rules G1, G2 and G10)."""

from model.span import Event, Link, Span, SpanKind, StatusCode
from model.trace import Trace, assemble
from model.trace_warnings import WarningCode
from tests.model.conftest import TRACE_ID, MakeSpan


def shape(trace: Trace) -> list[str]:
    """Each node as its last digit, indented by its depth; placeholders in parentheses."""
    return [
        "  " * node.depth + (node.span_id[-1] if node.span is not None else f"({node.span_id[-1]})")
        for node in trace.nodes
    ]


def codes(trace: Trace) -> set[WarningCode]:
    return {warning.code for warning in trace.warnings}


def codes_of(trace: Trace, node: int) -> list[WarningCode]:
    return [warning.code for warning in trace.nodes[node].warnings]


def test_children_come_below_their_parent_by_start_then_span_id(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(5, 1, (20, 30)),
            span(4, 3, (60, 70)),
            span(3, 1, (50, 90)),
            span(2, 1, (20, 40)),
            span(1, 0, (0, 100)),
        ],
    )

    assert shape(trace) == ["1", "  2", "  5", "  3", "    4"]
    assert [node.parent for node in trace.nodes] == [None, 0, 0, 0, 3]
    assert [node.child_count for node in trace.nodes] == [3, 0, 0, 1, 0]
    assert trace.roots == (0,)
    assert trace.warnings == ()


def test_a_parent_that_is_not_stored_is_a_visible_placeholder(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(2, 9, (10, 40)), span(3, 9, (30, 70)), span(4, 2, (20, 30))])

    assert shape(trace) == ["(9)", "  2", "    4", "  3"]
    placeholder = trace.nodes[0]
    assert (placeholder.start_ns, placeholder.duration_ns) == (10, 60)
    assert placeholder.self_time_ns == 0
    assert codes(trace) == {WarningCode.MISSING_PARENT, WarningCode.NO_ROOT}
    assert codes_of(trace, 1) == [WarningCode.MISSING_PARENT]
    assert codes_of(trace, 2) == []


def test_several_roots_are_all_kept_in_order_of_start(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (50, 60)), span(2, 0, (0, 10)), span(3, 1, (52, 55))])

    assert shape(trace) == ["2", "1", "  3"]
    assert trace.roots == (0, 1)
    assert codes(trace) == {WarningCode.SEVERAL_ROOTS}


def test_a_span_that_names_itself_is_a_root(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 1), span(2, 1)])

    assert shape(trace) == ["1", "  2"]
    assert codes_of(trace, 0) == [WarningCode.SELF_PARENT]


def test_a_cycle_is_cut_at_its_earliest_span(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID, [span(1, 3, (20, 30)), span(2, 1, (5, 30)), span(3, 2, (10, 30)), span(4, 3)]
    )

    assert shape(trace) == ["2", "  3", "    4", "    1"]
    assert codes_of(trace, 0) == [WarningCode.CYCLE]
    assert codes(trace) == {WarningCode.CYCLE}


def test_of_a_shared_id_the_client_is_the_parent_and_the_server_owns_the_children(
    span: MakeSpan,
) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(3, 2, (40, 50)),
            span(2, 1, (30, 60), SpanKind.SERVER),
            span(2, 1, (20, 70), SpanKind.CLIENT),
            span(1, 0, (0, 100)),
        ],
    )

    assert shape(trace) == ["1", "  2", "    2", "      3"]
    assert [node.span.kind.name for node in trace.nodes if node.span] == [
        "INTERNAL",
        "CLIENT",
        "SERVER",
        "INTERNAL",
    ]
    assert [node.shares_span_id for node in trace.nodes] == [False, False, True, False]
    assert trace.warnings == ()


def test_a_shared_server_span_may_name_its_own_id_as_parent(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID, [span(1, 1, (1, 9), SpanKind.SERVER), span(1, 0, (0, 10), SpanKind.CLIENT)]
    )

    assert shape(trace) == ["1", "  1"]
    assert trace.warnings == ()


def test_a_span_delivered_twice_is_one_span_without_a_word(span: MakeSpan) -> None:
    spans = [span(1), span(2, 1, attributes={"ratio": float("nan")})]

    assert repr(assemble(TRACE_ID, spans * 3)) == repr(assemble(TRACE_ID, spans))


def test_different_reports_of_one_span_are_merged_with_a_warning(span: MakeSpan) -> None:
    first = span(
        1,
        2,
        (10, 20),
        SpanKind.CLIENT,
        attributes={"a": 1, "b": 2},
        events=(Event(12, "sent"),),
        service_name="reviews",
    )
    second = span(
        1,
        0,
        (5, 18),
        SpanKind.CLIENT,
        attributes={"c": 3},
        events=(Event(12, "sent"), Event(15, "received")),
        status_code=StatusCode.ERROR,
    )

    trace = assemble(TRACE_ID, [second, first])

    merged = trace.nodes[1].span
    assert merged is not None
    assert (merged.start_ns, merged.end_ns) == (5, 20)
    assert merged.parent_span_id == first.parent_span_id
    assert list(merged.attributes.items()) == [("a", 1), ("b", 2), ("c", 3)]
    assert [event.name for event in merged.events] == ["sent", "received"]
    assert merged.is_error
    assert merged.service_name == "reviews"
    assert WarningCode.DUPLICATE_SPAN in codes_of(trace, 1)
    assert trace == assemble(TRACE_ID, [first, second, first])


def test_links_tell_which_node_of_the_trace_they_mean(span: MakeSpan) -> None:
    other = "f" * 32
    linking = span(
        3,
        1,
        (50, 60),
        links=(
            Link(TRACE_ID, f"{2:016x}"),
            Link(other, f"{2:016x}"),
            Link(TRACE_ID, f"{7:016x}"),
        ),
    )

    trace = assemble(TRACE_ID, [span(1), span(2, 1, (10, 20)), linking])

    assert trace.nodes[2].link_targets == (1, None, None)


def test_what_an_sdk_dropped_is_said(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, dropped_attributes_count=2, dropped_links_count=1)])

    (warning,) = trace.nodes[0].warnings
    assert warning.message == "the SDK dropped 2 attributes, 1 link at its limits"


def test_a_chain_of_a_hundred_thousand_spans_is_assembled() -> None:
    count = 100_000
    spans = [
        Span(
            trace_id=TRACE_ID,
            span_id=f"{number:016x}",
            parent_span_id=f"{number - 1:016x}" if number > 1 else "",
            name="deeper",
            start_ns=number,
            duration_ns=2 * (count - number),
        )
        for number in range(1, count + 1)
    ]

    trace = assemble(TRACE_ID, reversed(spans), adjust_clock_skew=True)

    assert len(trace.nodes) == count
    assert trace.nodes[-1].depth == count - 1
    assert sum(node.critical_time_ns for node in trace.nodes) == spans[0].duration_ns


def test_a_ring_of_a_hundred_thousand_spans_is_assembled() -> None:
    count = 100_000
    spans = [
        Span(TRACE_ID, f"{number + 1:016x}", "ring", number, 1, f"{(number + 1) % count + 1:016x}")
        for number in range(count)
    ]

    trace = assemble(TRACE_ID, spans)

    assert len(trace.nodes) == count
    assert trace.roots == (0,)
    assert codes_of(trace, 0) == [WarningCode.CYCLE]
