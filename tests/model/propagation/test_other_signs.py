"""B2 to B7: request ids, parents that never arrived, callers and callees that do not agree."""

from model.graph.place import PlaceKind
from model.propagation.findings import Confidence, Severity, Sign
from model.span import SpanKind
from tests.model.propagation.mesh import (
    T0,
    doctor,
    findings,
    inbound,
    outbound,
    request_id,
    signs,
    span,
)


def pair(trace, number, *, to="back", app="front", **tags):
    """A call of ``front`` with the callee's span, below span ``number - 1``."""
    return [
        outbound(app, to, trace, number, number - 1, at=1, **tags),
        inbound(to, trace, number + 1, number, at=2, ms=2, caller=app, **tags),
    ]


# B2


def test_b2_two_traces_of_one_request_id_are_one_request_of_an_app_that_forwards_only_the_id():
    spans = [
        inbound("front", 1, 1, id=7),
        outbound("front", "back", 2, 2, at=1, id=7),
        inbound("back", 2, 3, 2, at=2, ms=1, id=7, caller="front"),
    ]

    found = findings(doctor(spans), Sign.REQUEST_ID_IN_SEVERAL_TRACES)

    assert ["front"] == list(found)
    finding = found["front"]
    assert (Confidence.CERTAIN, 1, 1) == (finding.confidence, finding.affected, finding.total)
    assert (f"{2:032x}", f"{1:032x}", request_id(7, "0")) == (
        finding.evidence[0].trace_id,
        finding.evidence[0].other_trace_id,
        finding.evidence[0].request_id,
    )
    assert "traceparent, tracestate and x-request-id" in finding.advice


def test_b2_compares_request_ids_without_the_digit_that_proxies_rewrite():
    first = inbound("front", 1, 1, id=7)
    second = outbound("front", "back", 2, 2, at=1)
    second.attributes["guid:x-request-id"] = request_id(7, "b")

    assert ["front"] == list(findings(doctor([first, second]), Sign.REQUEST_ID_IN_SEVERAL_TRACES))


def test_b2_other_request_ids_are_other_requests():
    spans = [inbound("front", 1, 1, id=7), outbound("front", "back", 2, 2, at=20, id=8)]

    assert {} == findings(doctor(spans), Sign.REQUEST_ID_IN_SEVERAL_TRACES)


def test_b2_a_client_outside_that_reuses_an_id_is_nobodys_fault():
    spans = [
        inbound("gateway", trace, trace, at=trace * 100, id=7, proxy="router") for trace in (1, 2)
    ]

    report = doctor(spans)

    assert ((), 1) == (report.findings, report.reused_request_ids)


def test_b2_a_trace_that_begins_at_the_callee_is_laid_at_the_door_of_the_pod_that_called():
    spans = [inbound("front", 1, 1, id=7), inbound("back", 2, 2, at=2, id=7, caller="front")]

    assert ["front"] == list(findings(doctor(spans), Sign.REQUEST_ID_IN_SEVERAL_TRACES))


# B3


def test_b3_calls_whose_parent_never_arrived_are_told_of_the_app_whose_tracer_made_it():
    spans = [outbound("front", "back", trace, 2, 0xDEAD, at=1) for trace in range(1, 7)]
    spans += [inbound("back", trace, 3, 2, at=2, caller="front") for trace in range(1, 7)]

    (finding,) = doctor(spans).findings

    assert (Sign.PARENT_NEVER_ARRIVED, "front", 6, 6, Confidence.HIGH) == (
        finding.sign,
        finding.subject.service,
        finding.affected,
        finding.total,
        finding.confidence,
    )
    assert "traceparent" in finding.headers


def test_b3_is_not_judged_before_the_trace_is_old_enough_for_its_parent_to_arrive():
    orphan = inbound("front", 1, 1, 0xDEAD, at=0, ms=10)

    assert ["B3"] == signs(doctor([orphan], settled_ns=orphan.end_ns))
    assert [] == signs(doctor([orphan], settled_ns=orphan.end_ns - 1))


def test_b3_a_client_outside_with_its_own_tracer_is_only_information():
    (finding,) = doctor([inbound("gateway", 1, 1, 0xDEAD, proxy="router")]).findings

    assert (Severity.INFO, "gateway", ()) == (
        finding.severity,
        finding.subject.service,
        finding.headers,
    )


def test_b3_where_ids_are_shared_the_headers_are_those_of_b3():
    shared = [outbound("front", "back", 1, 1), inbound("back", 1, 1, caller="front")]

    finding = findings(
        doctor([*shared, outbound("front", "back", 2, 2, 0xDEAD)]), Sign.PARENT_NEVER_ARRIVED
    )["front"]

    assert ("x-b3-traceid", "x-b3-spanid") == finding.headers[:2]
    assert "x-request-id" in finding.headers


# B4


def test_b4_a_request_from_a_pod_of_the_mesh_without_a_call_above_it_is_its_callers_loss():
    spans = [inbound("front", 1, 1)]
    spans += [inbound("back", trace, 2, 0xDEAD, caller="front") for trace in range(10, 16)]

    (finding,) = doctor(spans).findings

    assert (Sign.CALLER_REPORTS_NO_CALL, "front", "back", 6, 6, Confidence.HIGH) == (
        finding.sign,
        finding.subject.service,
        finding.peer.service,
        finding.affected,
        finding.total,
        finding.confidence,
    )


def test_b4_a_callee_that_hangs_below_the_request_of_the_caller_is_one_too():
    spans = [inbound("front", 1, 1), inbound("back", 1, 2, 1, at=2, caller="front")]

    assert ["B4"] == signs(doctor(spans))


def test_b4_an_address_outside_of_the_mesh_is_nobodys_loss():
    spans = [inbound("front", 1, 1), inbound("back", 2, 2, caller="outside")]

    assert () == doctor(spans).findings


def test_b4_has_to_wait_for_the_call_to_arrive():
    spans = [inbound("front", 1, 1), inbound("back", 2, 2, caller="front")]

    assert ["B4"] == signs(doctor(spans))
    assert [] == signs(doctor(spans, settled_ns=T0))


# B5


def test_b5_another_request_id_within_the_trace_and_chains_that_end_there():
    spans = []
    for trace in range(1, 5):
        spans += [inbound("front", trace, 1, id=trace), *pair(trace, 2, id=100 + trace)]
    spans += [inbound("front", trace, 1, id=trace) for trace in range(5, 9)]

    (finding,) = doctor(spans).findings

    assert (Sign.REQUEST_ID_NOT_FORWARDED, "front", Severity.WARNING, Confidence.CERTAIN) == (
        finding.sign,
        finding.subject.service,
        finding.severity,
        finding.confidence,
    )
    assert (4, 4, ("x-request-id",)) == (finding.affected, finding.total, finding.headers)
    assert "4 of 8 such requests (50 %) end at front-v1.default" in finding.summary
    assert "copy the header x-request-id unchanged" in finding.advice


def test_b5_without_cut_chains_is_only_information():
    spans = [inbound("front", 1, 1, id=1), *pair(1, 2, id=2)]

    (finding,) = doctor(spans).findings

    assert Severity.INFO is finding.severity


def test_b5_chains_that_end_are_no_sign_while_request_ids_are_forwarded():
    spans = [inbound("front", 1, 1, id=1), *pair(1, 2, id=1), inbound("front", 2, 1, id=2)]

    assert () == doctor(spans).findings


# B6


def test_b6_a_callee_of_the_mesh_without_spans():
    spans = [
        each
        for trace in range(1, 7)
        for each in (inbound("front", trace, 1), outbound("front", "legacy", trace, 2, 1, at=1))
    ]

    (finding,) = doctor(spans).findings

    assert (Sign.CALLEE_REPORTS_NOTHING, "legacy", "front", 6, 6) == (
        finding.sign,
        finding.subject.service,
        finding.peer.service,
        finding.affected,
        finding.total,
    )
    assert (Severity.INFO, Confidence.HIGH) == (finding.severity, finding.confidence)


def test_b6_a_callee_that_reports_otherwise_loses_a_part():
    spans = [inbound("front", 1, 1), *pair(1, 2), outbound("front", "back", 1, 9, 1, at=6)]

    (finding,) = doctor(spans).findings

    assert (Severity.WARNING, 1, 2) == (finding.severity, finding.affected, finding.total)


def test_b6_a_callee_that_was_not_reached_owes_no_span():
    for flags in ("UH", "UF,URX", "NR", "UO"):
        spans = [outbound("front", "back", 1, 1, response_flags=flags)]

        assert () == doctor(spans).findings


def test_b6_an_external_host_is_named_as_such():
    call = outbound("front", "x", 1, 1)
    call.attributes["upstream_cluster"] = "outbound|443||api.example.com"

    (finding,) = doctor([call]).findings

    assert (PlaceKind.EXTERNAL, "api.example.com") == (finding.subject.kind, finding.subject.name)


def test_b6_an_attempt_that_was_answered_answers_the_proxy_span_above_it():
    gateway = inbound("gateway", 1, 1, proxy="router")
    gateway.attributes["upstream_cluster"] = "outbound|9080||front.default.svc.cluster.local"
    attempt = span(
        "gateway", SpanKind.CLIENT, 1, 2, 1, 1, 5, "router outbound|9080||front; egress",
        upstream_cluster="outbound|9080||front.default.svc.cluster.local",
    )  # fmt: skip
    del attempt.attributes["node_id"]

    spans = [gateway, attempt, inbound("front", 1, 3, 2, at=2, ms=1, caller="gateway")]

    assert () == doctor(spans).findings


# B7


def test_b7_a_hop_that_lets_the_headers_of_the_hop_before_through_is_passed_over():
    spans = []
    for trace in range(1, 7):
        spans += [
            outbound("front", "middle", trace, 1),
            inbound("middle", trace, 2, 1, at=1, caller="front"),
            # The trace says that front called it; the address says middle did.
            inbound("back", trace, 4, 1, at=3, ms=1, caller="middle"),
        ]

    found = findings(doctor(spans), Sign.CALLER_DISAGREES)

    assert ["middle"] == list(found)
    finding = found["middle"]
    assert ("front", 6, 6, Confidence.HIGH) == (
        finding.peer.service,
        finding.affected,
        finding.total,
        finding.confidence,
    )


def test_b7_tree_and_address_of_one_caller_agree_through_its_own_local_spans():
    app = span("front", SpanKind.INTERNAL, 1, 2, 1, 1, 8, "render", proxy="")
    spans = [inbound("front", 1, 1), app, *pair(1, 3)]

    assert () == doctor(spans).findings


def test_b7_a_pod_that_calls_itself_through_its_own_proxy_agrees_with_its_address():
    spans = [
        outbound("front", "middle", 1, 1),
        inbound("middle", 1, 2, 1, at=1, caller="front"),
        *pair(1, 3, app="middle", to="middle"),
    ]

    assert () == doctor(spans).findings


def test_the_headers_of_a_waypoint_between_two_pods_are_no_disagreement():
    waypoint = inbound("waypoint", 1, 2, 1, at=1, proxy="waypoint", caller="front")
    spans = [
        outbound("front", "back", 1, 1),
        waypoint,
        inbound("back", 1, 3, 2, at=2, ms=1, caller="front"),
    ]

    assert () == doctor(spans).findings


def test_figures_are_told_of_each_workload():
    spans = [inbound("front", 1, 1, id=1), *pair(1, 2, id=1), inbound("front", 2, 1, 0xDEAD)]

    report = doctor(spans)

    assert [("back", 1, 0, 0, 0), ("front", 2, 1, 0, 1)] == [
        (each.workload.service, each.inbound, each.outbound, each.began_traces, each.orphans)
        for each in report.workloads
    ]
    assert (2, 4) == (report.traces, report.spans)


def test_nothing_stored_is_nothing_found():
    report = doctor([])

    assert ((), (), 0, 0) == (report.findings, report.workloads, report.traces, report.spans)
