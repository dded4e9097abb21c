"""Calls found in a few spans; all rules together are held against tests/graph/reference.py."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from model.graph.calls import Sampling
from model.graph.edge import ALL_VIEWS, View
from model.graph.weave import weave
from model.span import Link, SpanKind
from tests.graph.columns import columns_of
from tests.graph.meshes import mesh_spans, seeds
from tests.model.graph.meshed import TRACE, app, attempt, gateway, inbound, outbound, waypoint

SERVER, CLIENT, INTERNAL = SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL
NOTHING = Sampling()


def _calls(*spans, view=View.GATEWAYS, sampling=NOTHING):
    """Return one line a call: ends, ``!`` for an error, latencies in ms; those of one view."""
    calls = weave(columns_of(spans), sampling).calls
    lines = []
    for row, key in enumerate(calls.keys[index] for index in calls.key):
        if key.views & view:
            ends = f"{_label(key.source)} -> {_label(key.destination)}"
            latencies = f"{calls.client_ns[row] // 10**6}/{calls.server_ns[row] // 10**6}"
            lines.append(f"{ends}{'!' if calls.error[row] else ''} {latencies}")
    return sorted(lines)


def _label(place):
    return place.workload or place.service or place.name


def test_proxies_and_apps_on_both_sides_make_one_call():
    assert ["unknown -> web-v1 -1/10", "web-v1 -> db-v1 40/20"] == _calls(
        inbound(1, 0, "web"),
        app(2, 1, "web", SERVER),
        app(3, 2, "web", INTERNAL),
        app(4, 3, "web", CLIENT, duration_ms=40),
        outbound(5, 4, "web", "db", duration_ms=30),
        inbound(6, 5, "db", duration_ms=20),
        app(7, 6, "db", SERVER),
    )


def test_a_gateway_is_a_node_or_passed_through():
    spans = [
        gateway(1, 0),
        attempt(2, 1, "gateway", "web", error=True, duration_ms=7),
        attempt(3, 1, "gateway", "web"),
        inbound(4, 3, "web"),
    ]

    failed, answered = "gateway-v1 -> web! 7/-1", "gateway-v1 -> web-v1 10/10"
    assert sorted([answered, failed, "ingress -> gateway-v1 -1/10"]) == _calls(*spans)
    assert sorted(["ingress -> web-v1 10/10", "ingress -> web! 7/-1"]) == _calls(
        *spans, view=View.NEITHER
    )


def test_a_waypoint_is_passed_through_or_a_node():
    spans = [outbound(1, 0, "web", "db"), waypoint(2, 1, "db"), inbound(3, 2, "db")]

    assert ["web-v1 -> db-v1 10/10"] == _calls(*spans)
    assert ["way-v1 -> db-v1 10/10", "web-v1 -> way-v1 10/10"] == _calls(
        *spans, view=View.WAYPOINTS
    )


def test_a_call_of_neither_gateway_nor_waypoint_is_one_row_of_all_views():
    calls = weave(columns_of([outbound(1, 0, "web", "db"), inbound(2, 1, "db")]), NOTHING).calls

    assert [int(ALL_VIEWS)] == [calls.keys[key].views for key in calls.key]


def test_an_outbound_span_with_nobody_below_calls_the_host_it_names():
    calls = weave(columns_of([outbound(1, 0, "web", "db")]), NOTHING).calls

    assert ["service"] == [calls.keys[key].destination.kind for key in calls.key]
    assert ["db.default.svc.cluster.local"] == [calls.keys[key].host for key in calls.key]


def test_if_only_the_shared_span_failed_the_last_call_is_in_error():
    shared = outbound(1, 0, "web", "db", error=True)

    assert ["web-v1 -> db-v1 10/10", "web-v1 -> db-v1! 10/5"] == _calls(
        shared, inbound(3, 1, "db", start_ms=2), inbound(2, 1, "db", start_ms=3, duration_ms=5)
    )
    assert ["web-v1 -> db-v1 10/10", "web-v1 -> db-v1! 10/5"] == _calls(
        shared, inbound(2, 1, "db", error=True, duration_ms=5), inbound(3, 1, "db")
    )


def test_entries_that_are_not_inbound_are_calls_without_error_or_latency_of_the_callee():
    spans = [inbound(1, 0, "web"), app(2, 1, "db", INTERNAL, error=True)]

    assert ["unknown -> web-v1 -1/10", "web-v1 -> db -1/-1"] == _calls(*spans)


def test_a_link_and_a_parent_that_are_one_span_are_one_message():
    sent = app(1, 0, "web", SpanKind.PRODUCER)
    link = Link(TRACE, f"{1:016x}")
    received = app(2, 1, "mail", SpanKind.CONSUMER, links=(link, link, Link("9" * 32, "9" * 16)))
    calls = weave(columns_of([sent, received]), NOTHING).calls

    assert [(True, "web", "mail")] == [
        (key.asynchronous, key.source.service, key.destination.service)
        for key in (calls.keys[index] for index in calls.key)
    ]
    assert [0] == calls.lag_ns.tolist()


def test_the_lower_probability_of_both_sides_weighs_a_call():
    spans = [
        outbound(1, 0, "web", "db", trace_state="ot=th:8"),
        inbound(2, 1, "db", trace_state="x=1,ot=rv:12;th:c"),
    ]
    calls = weave(columns_of(spans), Sampling(default=0.5, services={"db": 0.125})).calls
    assert ([4.0], [True]) == (calls.weight.tolist(), calls.scaled.tolist())

    untold = [outbound(1, 0, "web", "db"), inbound(2, 1, "db")]
    for sampling, weight in (
        (Sampling(default=0.5, services={"db.default.svc": 0.125, "web.default": 0.25}), 8.0),
        (Sampling(default=0.5), 2.0),
        (NOTHING, 1.0),
    ):
        calls = weave(columns_of(untold), sampling).calls
        assert ([weight], [sampling != NOTHING]) == (calls.weight.tolist(), calls.scaled.tolist())


def test_no_spans_are_no_calls():
    woven = weave(columns_of([]), NOTHING)

    assert ((), ()) == (woven.calls.keys, woven.operations.keys)


def test_deep_chains_are_no_recursion():
    spans = []
    for number in range(1, 3_000, 2):
        spans += [outbound(number, number - 1, "a", "b"), inbound(number + 1, number, "b")]

    assert {"a-v1 -> b-v1 10/10", "b-v1 -> a-v1 -1/-1"} == set(_calls(*spans))


@given(seed=seeds, shuffle=st.integers(0, 1000))
def test_the_order_of_spans_makes_no_difference(seed, shuffle):
    spans = mesh_spans(seed)
    shuffled = list(spans)
    Random(shuffle).shuffle(shuffled)

    assert _rows(spans) == _rows(shuffled)


def _rows(spans):
    woven = weave(columns_of(spans), NOTHING)
    return [
        sorted(
            (repr(table.keys[key]), *(column[row].item() for column in columns))
            for row, key in enumerate(table.key)
        )
        for table, columns in (
            (woven.calls, (woven.calls.start_ns, woven.calls.error, woven.calls.lag_ns)),
            (woven.operations, (woven.operations.start_ns, woven.operations.error)),
        )
    ]
