"""Traces of one request read as one: which links are made, and which are not."""

from collections import defaultdict

from model.propagation.findings import Confidence
from model.propagation.stitch import LinkSign, find_links, stitch
from tests.model.propagation.mesh import inbound, outbound


def by_trace(*spans):
    traces = defaultdict(list)
    for span in spans:
        traces[span.trace_id].append(span)
    return dict(traces)


def lost(request_id=0, at=0.0, trace=1, ms=10.0):
    """A request in one trace, and the call that it caused in the next."""
    return [
        inbound("front", trace, trace * 16 + 1, at=at, ms=ms, id=request_id),
        outbound("front", "back", trace + 1, trace * 16 + 2, at=at + 2, ms=4, id=request_id),
        inbound("back", trace + 1, trace * 16 + 3, trace * 16 + 2, at=at + 3, ms=2, caller="front"),
    ]


def links(*spans):
    return [
        (link.child_span_id, link.parent_span_id, link.sign, link.confidence)
        for link in find_links(by_trace(*spans))
    ]


def test_a_request_id_that_a_pod_takes_in_and_lets_out_links_for_certain():
    request, call, _ = spans = lost(request_id=7)

    assert [(call.span_id, request.span_id, LinkSign.REQUEST_ID, Confidence.CERTAIN)] == links(
        *spans
    )


def test_a_request_id_links_even_if_the_pod_serves_others_at_the_time():
    other = inbound("front", 9, 0x90, at=1, id=8)

    assert [LinkSign.REQUEST_ID] == [found[2] for found in links(*lost(request_id=7), other)]


def test_the_only_request_that_was_served_links_by_time():
    request, call, _ = spans = lost()

    assert [(call.span_id, request.span_id, LinkSign.TIME_AND_POD, Confidence.HIGH)] == links(
        *spans
    )


def test_two_requests_at_a_time_leave_it_open():
    assert [] == links(*lost(), inbound("front", 9, 0x90, at=1))


def test_a_call_that_outlasts_the_request_is_not_its_own():
    request, call, _ = lost(ms=3)

    assert [] == links(request, call)


def test_a_request_with_such_a_call_in_its_own_trace_has_no_other():
    request, call, callee = lost()
    traced = outbound("front", "back", 1, 0x77, 0x11, at=1, ms=1)

    assert [] == links(request, call, callee, traced)


def test_another_pod_is_no_parent():
    _, call, callee = lost()

    assert [] == links(inbound("other", 1, 1), call, callee)


def test_a_request_without_a_trace_links_to_the_only_unanswered_call_of_the_pod_it_came_from():
    call = outbound("front", "back", 1, 1, ms=10)
    request = inbound("back", 2, 2, at=1, ms=5, caller="front")

    assert [(request.span_id, call.span_id, LinkSign.TIME_AND_PEER, Confidence.HIGH)] == links(
        call, request
    )
    assert [] == links(call, request, outbound("front", "back", 3, 3, at=0.5, ms=20))


def test_stitched_traces_are_one_tree_with_every_span_and_marked_links():
    spans = lost(request_id=7)
    traces = by_trace(*spans)

    found = stitch(traces, list(traces))

    assert [0, 1, 2] == [node.depth for node in found.trace.nodes]
    assert (0,) == found.trace.roots
    assert {span.span_id for span in spans} == {node.span_id for node in found.trace.nodes}
    assert (spans[0].trace_id, 1) == (found.trace.trace_id, len(found.links))


def test_only_what_goes_on_from_the_wanted_traces_is_stitched():
    near_by = lost(at=500, trace=5)
    traces = by_trace(*lost(), *near_by)

    found = stitch(traces, [f"{1:032x}"])

    assert (f"{1:032x}", f"{2:032x}") == found.parts


def test_a_wanted_trace_without_a_link_is_a_root_beside():
    traces = by_trace(*lost(request_id=7), inbound("far", 9, 0x90, at=30, id=7))

    found = stitch(traces, [f"{1:032x}", f"{9:032x}"])

    assert 2 == len(found.trace.roots)


def test_a_trace_with_a_span_id_of_another_is_left_out_whole():
    first, second = inbound("front", 1, 1, id=7), inbound("far", 2, 1, at=30, id=7)

    found = stitch(by_trace(first, second), [first.trace_id, second.trace_id])

    assert ((first.trace_id,), (second.trace_id,)) == (found.parts, found.left_out)
    assert 1 == len(found.trace.nodes)
