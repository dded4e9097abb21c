"""The critical path and the self times, on small traces that can be checked by eye."""

from model.span import SpanKind
from model.trace import Trace, assemble
from tests.model.conftest import TRACE_ID, MakeSpan


def path(trace: Trace) -> list[tuple[str, int, int]]:
    return [
        (segment.span_id[-1], segment.start_ns, segment.end_ns) for segment in trace.critical_path
    ]


def test_the_path_follows_the_child_that_finished_last(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (0, 100)), span(2, 1, (10, 50)), span(3, 1, (20, 80))])

    assert path(trace) == [("1", 0, 20), ("3", 20, 80), ("1", 80, 100)]
    assert [node.on_critical_path for node in trace.nodes] == [True, False, True]
    assert [node.critical_time_ns for node in trace.nodes] == [40, 0, 60]


def test_children_one_after_the_other_are_all_on_the_path(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (0, 100)),
            span(2, 1, (10, 40)),
            span(3, 1, (40, 90)),
            span(4, 3, (50, 60)),
        ],
    )

    assert path(trace) == [
        ("1", 0, 10),
        ("2", 10, 40),
        ("3", 40, 50),
        ("4", 50, 60),
        ("3", 60, 90),
        ("1", 90, 100),
    ]


def test_a_child_that_outlives_its_parent_counts_as_far_as_the_parent_goes(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (0, 100)), span(2, 1, (60, 500))])

    assert path(trace) == [("1", 0, 60), ("2", 60, 100)]


def test_a_child_outside_of_its_parent_is_not_on_the_path(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (0, 100)), span(2, 1, (100, 200))])

    assert path(trace) == [("1", 0, 100)]


def test_a_span_that_only_waited_is_on_the_path_without_time_of_its_own(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (0, 100)), span(2, 1, (0, 100))])

    assert path(trace) == [("2", 0, 100)]
    assert [node.on_critical_path for node in trace.nodes] == [True, True]


def test_what_a_message_causes_is_not_waited_for(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (0, 100)),
            span(2, 1, (10, 20), SpanKind.PRODUCER),
            span(3, 2, (15, 90), SpanKind.CONSUMER),
            span(4, 1, (30, 95), SpanKind.CONSUMER),
        ],
    )

    assert path(trace) == [("1", 0, 10), ("2", 10, 20), ("1", 20, 100)]


def test_a_broker_that_pushes_does_not_keep_the_producer_waiting(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (0, 100), SpanKind.PRODUCER, attributes={"messaging.system": "pubsub"}),
            span(2, 1, (50, 90), SpanKind.SERVER),
        ],
    )

    assert path(trace) == [("1", 0, 100)]


def test_the_path_is_that_of_the_earliest_root(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (50, 900)), span(2, 0, (0, 10)), span(3, 9, (0, 99))])

    assert path(trace) == [("2", 0, 10)]


def test_without_a_root_the_path_goes_through_the_missing_parent(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(2, 9, (10, 40)), span(3, 9, (60, 90))])

    assert path(trace) == [("2", 10, 40), ("9", 40, 60), ("3", 60, 90)]


def test_a_trace_without_time_has_an_empty_path(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, [span(1, 0, (5, 5)), span(2, 1, (5, 5))])

    assert path(trace) == []
    assert [node.on_critical_path for node in trace.nodes] == [True, False]


def test_self_time_is_the_time_in_which_no_child_ran(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (0, 100)),
            span(2, 1, (10, 50)),
            span(3, 1, (20, 40)),
            span(4, 1, (45, 60)),
            span(5, 1, (90, 300)),
            span(6, 1, (400, 500)),
        ],
    )

    assert trace.nodes[0].self_time_ns == 10 + 30
    assert [node.self_time_ns for node in trace.nodes[1:]] == [40, 20, 15, 210, 100]
