"""What holds for every trace, however broken: properties over random forests of spans."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.side import side_of
from model.span import Link, MeshIdentity, Span, SpanKind, StatusCode
from model.trace import assemble
from model.trace_warnings import WarningCode
from tests.model.conftest import TRACE_ID

IDS = [f"{number:016x}" for number in range(1, 9)]
PLACES = [
    MeshIdentity(),
    MeshIdentity(namespace="default", service="a"),
    MeshIdentity(namespace="default", service="b", pod="b-1"),
    MeshIdentity(namespace="default", service="b", pod="b-2"),
]
PROXY = {
    "component": "proxy",
    "node_id": "sidecar~10.0.0.1~b-1.default~default.svc.cluster.local",
    "upstream_cluster": "outbound|80||a.default.svc.cluster.local",
    "response_flags": "UF,URX",
}
ATTRIBUTES = [{}, {"component": "proxy", "peer.address": "10.0.0.1:80"}, PROXY, {"error": True}]

# Few ids and short times: missing parents, cycles, self parents, shared ids, different reports of
# one span, empty spans and children outside of their parents all come up.
spans = st.builds(
    Span,
    trace_id=st.just(TRACE_ID),
    span_id=st.sampled_from(IDS),
    parent_span_id=st.sampled_from(["", *IDS]),
    name=st.sampled_from(["", "a", "a.default.svc.cluster.local:80/*"]),
    start_ns=st.integers(0, 40),
    duration_ns=st.integers(0, 40),
    kind=st.sampled_from(SpanKind),
    status_code=st.sampled_from(StatusCode),
    attributes=st.sampled_from(ATTRIBUTES),
    links=st.sampled_from([(), (Link(TRACE_ID, IDS[0]),)]),
    service_name=st.sampled_from(["", "a", "b"]),
    identity=st.sampled_from(PLACES),
)
traces = st.lists(spans, min_size=1, max_size=16)
adjusted = st.booleans()


@given(traces, adjusted, st.randoms(use_true_random=False))
def test_order_and_repetition_make_no_difference(
    given_spans: list[Span], adjust: bool, random: Random
) -> None:
    expected = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)
    again = given_spans + random.choices(given_spans, k=5)
    random.shuffle(again)

    assert assemble(TRACE_ID, again, adjust_clock_skew=adjust) == expected


@given(traces, adjusted)
def test_every_span_is_in_the_trace_exactly_once(given_spans: list[Span], adjust: bool) -> None:
    trace = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)

    sent = {(span.span_id, side_of(span.kind)) for span in given_spans}
    shown = Counter(
        (node.span_id, side_of(node.span.kind)) for node in trace.nodes if node.span is not None
    )
    assert shown == Counter(sent)
    assert trace.summary.span_count == len(sent)
    placeholders = [node.span_id for node in trace.nodes if node.span is None]
    assert len(set(placeholders)) == len(placeholders) == trace.summary.missing_span_count
    assert not {*placeholders} & {span.span_id for span in given_spans}


@given(traces, adjusted)
def test_the_nodes_are_a_forest_in_depth_first_order(given_spans: list[Span], adjust: bool) -> None:
    trace = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)

    ancestors: list[int] = []
    for index, node in enumerate(trace.nodes):
        del ancestors[node.depth :]
        assert node.parent == (ancestors[-1] if ancestors else None)
        assert len(ancestors) == node.depth
        ancestors.append(index)
    siblings: dict[int | None, list[tuple[int, str]]] = {}
    for node in trace.nodes:
        siblings.setdefault(node.parent, []).append((node.start_ns, node.span_id))
    assert all(group == sorted(group) for group in siblings.values())
    assert trace.roots == tuple(
        index for index, node in enumerate(trace.nodes) if node.parent is None
    )
    assert [node.child_count for node in trace.nodes] == [
        len(siblings.get(index, [])) for index in range(len(trace.nodes))
    ]


@given(traces, adjusted)
def test_the_critical_path_is_exactly_the_time_of_one_root(
    given_spans: list[Span], adjust: bool
) -> None:
    trace = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)

    path = trace.critical_path
    assert all(segment.start_ns < segment.end_ns for segment in path)
    assert all(one.end_ns == next_one.start_ns for one, next_one in pairwise(path))
    (main,) = (
        node
        for index, node in enumerate(trace.nodes)
        if index in trace.roots and node.on_critical_path
    )
    if path:
        assert (path[0].start_ns, path[-1].end_ns) == (main.start_ns, main.end_ns)
    assert sum(segment.end_ns - segment.start_ns for segment in path) == main.duration_ns
    for segment in path:
        node = trace.nodes[segment.node]
        assert node.span_id == segment.span_id
        assert node.on_critical_path
        assert node.start_ns <= segment.start_ns
        assert segment.end_ns <= node.end_ns


@given(traces)
def test_the_critical_path_is_that_of_the_root_in_the_summary(given_spans: list[Span]) -> None:
    trace = assemble(TRACE_ID, given_spans)

    (main,) = (trace.nodes[root] for root in trace.roots if trace.nodes[root].on_critical_path)
    if not trace.summary.root_missing and main.span is not None:
        has_cycle = any(warning.code is WarningCode.CYCLE for warning in trace.warnings)
        assert has_cycle or main.span.service_name == trace.summary.root_service
        assert has_cycle or main.span.name == trace.summary.root_operation


@given(traces, adjusted)
def test_a_node_on_the_critical_path_has_its_parent_there_too(
    given_spans: list[Span], adjust: bool
) -> None:
    trace = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)

    for node in trace.nodes:
        if node.on_critical_path and node.parent is not None:
            assert trace.nodes[node.parent].on_critical_path


@given(traces, adjusted)
def test_self_time_and_the_time_of_the_children_are_the_duration(
    given_spans: list[Span], adjust: bool
) -> None:
    trace = assemble(TRACE_ID, given_spans, adjust_clock_skew=adjust)

    for index, node in enumerate(trace.nodes):
        if node.span is None:
            continue
        covered = {
            instant
            for child in trace.nodes
            if child.parent == index
            for instant in range(max(child.start_ns, node.start_ns), min(child.end_ns, node.end_ns))
        }
        assert node.self_time_ns + len(covered) == node.duration_ns


@given(traces)
def test_adjusting_clocks_keeps_the_original_times_and_the_durations(
    given_spans: list[Span],
) -> None:
    plain = assemble(TRACE_ID, given_spans)
    moved = assemble(TRACE_ID, given_spans, adjust_clock_skew=True)

    for node in moved.nodes:
        if node.span is not None:
            assert node.start_ns == node.span.start_ns + node.clock_correction_ns
            assert node.duration_ns == node.span.duration_ns
    assert moved.warnings == plain.warnings
    assert moved.summary == plain.summary


def test_nothing_cannot_be_assembled() -> None:
    with pytest.raises(ValueError, match="has no span"):
        assemble(TRACE_ID, [])
