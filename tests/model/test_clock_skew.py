"""Clocks that disagree: when they are noticed, and where the spans go if it is asked for."""

import pytest

from model.span import MeshIdentity, SpanKind, StatusCode
from model.trace import assemble
from model.trace_warnings import WarningCode
from tests.model.conftest import TRACE_ID, MakeSpan

CALLER = MeshIdentity(namespace="default", service="productpage", pod="productpage-1")
CALLEE = MeshIdentity(namespace="default", service="reviews", pod="reviews-1")


def test_a_callee_before_its_caller_is_noticed_but_not_moved(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [span(1, 0, (1000, 1100), identity=CALLER), span(2, 1, (0, 60), identity=CALLEE)],
    )

    callee = trace.nodes[1]
    assert (callee.start_ns, callee.clock_correction_ns) == (0, 0)
    assert [warning.code for warning in callee.warnings] == [WarningCode.CLOCK_SKEW]
    assert callee.warnings[0].message == (
        "the clock of reviews-1 seems to be 0.001 ms behind that of productpage-1: "
        "the span lies outside of its parent"
    )
    assert not trace.clocks_adjusted


def test_on_demand_the_callee_is_moved_to_the_middle_of_its_caller(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [span(1, 0, (1000, 1100), identity=CALLER), span(2, 1, (0, 60), identity=CALLEE)],
        adjust_clock_skew=True,
    )

    callee = trace.nodes[1]
    assert (callee.start_ns, callee.end_ns, callee.clock_correction_ns) == (1020, 1080, 1020)
    assert callee.span is not None
    assert callee.span.start_ns == 0
    assert trace.clocks_adjusted


def test_all_below_on_the_same_clock_moves_along(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (1000, 1100), identity=CALLER),
            span(2, 1, (0, 60), identity=CALLEE),
            span(3, 2, (10, 20), identity=CALLEE),
            span(4, 3, (1031, 1038), identity=CALLER),
        ],
        adjust_clock_skew=True,
    )

    assert [node.start_ns for node in trace.nodes] == [1000, 1020, 1030, 1031]
    assert [len(node.warnings) for node in trace.nodes] == [0, 1, 0, 0]


def test_a_callee_that_is_longer_than_its_caller_starts_with_it(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [span(1, 0, (1000, 1100), identity=CALLER), span(2, 1, (0, 500), identity=CALLEE)],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].start_ns == 1000


@pytest.mark.parametrize(
    ("caller", "callee"),
    [
        pytest.param(CALLER, CALLER, id="the same pod"),
        pytest.param(
            MeshIdentity(namespace="default", service="a"),
            MeshIdentity(namespace="default", service="a"),
            id="the same service where no pod is known",
        ),
        pytest.param(CALLER, MeshIdentity(), id="nobody knows who"),
    ],
)
def test_spans_of_one_clock_are_never_moved(
    span: MakeSpan, caller: MeshIdentity, callee: MeshIdentity
) -> None:
    trace = assemble(
        TRACE_ID,
        [span(1, 0, (1000, 1100), identity=caller), span(2, 1, (0, 60), identity=callee)],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].start_ns == 0
    assert trace.warnings == ()


def test_pods_of_one_machine_have_one_clock(span: MakeSpan) -> None:
    node = {"k8s.node.name": "worker-1"}
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (1000, 1100), identity=CALLER, resource=node),
            span(2, 1, (0, 60), identity=CALLEE, resource=node),
        ],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].start_ns == 0


def test_a_consumer_may_run_at_any_time(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (1000, 1100), SpanKind.PRODUCER, identity=CALLER),
            span(2, 1, (5000, 5060), SpanKind.CONSUMER, identity=CALLEE),
        ],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].start_ns == 5000
    assert trace.warnings == ()


MS = 1_000_000


@pytest.mark.parametrize(
    ("time", "status"),
    [
        pytest.param((1090 * MS, 1150 * MS), StatusCode.ERROR, id="the caller gave up"),
        pytest.param((1000 * MS, 1100 * MS), StatusCode.UNSET, id="it fits exactly"),
        pytest.param((1050 * MS, 1101 * MS), StatusCode.UNSET, id="the proxy was finishing"),
        pytest.param((1050 * MS, 1900 * MS), StatusCode.UNSET, id="longer, and in time"),
    ],
)
def test_a_late_end_that_has_another_reason_is_no_skew(
    span: MakeSpan, time: tuple[int, int], status: StatusCode
) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(
                1, 0, (1000 * MS, 1100 * MS), SpanKind.CLIENT, identity=CALLER, status_code=status
            ),
            span(2, 1, time, SpanKind.SERVER, identity=CALLEE),
        ],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].start_ns == time[0]
    assert trace.warnings == ()


def test_a_late_end_without_a_reason_is_skew(span: MakeSpan) -> None:
    trace = assemble(
        TRACE_ID,
        [
            span(1, 0, (1000 * MS, 1100 * MS), SpanKind.CLIENT, identity=CALLER),
            span(2, 1, (1060 * MS, 1120 * MS), SpanKind.SERVER, identity=CALLEE),
        ],
        adjust_clock_skew=True,
    )

    assert trace.nodes[1].clock_correction_ns == -40 * MS
    assert "ahead of" in trace.nodes[1].warnings[0].message


def test_children_are_ordered_by_their_corrected_start(span: MakeSpan) -> None:
    spans = [
        span(1, 0, (1000, 1100), identity=CALLER),
        span(2, 1, (1010, 1015), identity=CALLER),
        span(3, 1, (0, 60), identity=CALLEE),
    ]

    assert [node.span_id[-1] for node in assemble(TRACE_ID, spans).nodes] == ["1", "3", "2"]
    adjusted = assemble(TRACE_ID, spans, adjust_clock_skew=True)
    assert [node.span_id[-1] for node in adjusted.nodes] == ["1", "2", "3"]
