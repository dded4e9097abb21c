"""B1: calls that began a trace although their pod was serving a request."""

import random

import pytest

from model.propagation.findings import Confidence, Severity, Sign
from tests.model.propagation.mesh import doctor, findings, inbound, outbound, signs

B1 = Sign.NEW_TRACE_WHILE_SERVING


class Traffic:
    """Requests to ``front``, which calls ``back`` for each."""

    def __init__(self, seed=1):
        self.spans = []
        self.chance = random.Random(seed)
        self.number = 0

    def next(self):
        self.number += 1
        return self.number

    def serve(self, at, *, ms=20.0, forwards=True, app="front", to="back", same_id=False, **tags):
        """One request at ``at`` ms, with a call in the middle of it."""
        trace, request, call, callee = self.next(), self.next(), self.next(), self.next()
        request_id = self.next()
        self.spans.append(inbound(app, trace, request, at=at, ms=ms, id=request_id, **tags))
        call_trace = trace if forwards else self.next()
        call_id = request_id if forwards or same_id else self.next()
        start, parent = at + ms / 4, request if forwards else 0
        self.spans.append(
            outbound(app, to, call_trace, call, parent, at=start, ms=ms / 2, id=call_id)
        )
        self.spans.append(
            inbound(to, call_trace, callee, call, at=start + 1, ms=ms / 4, id=call_id, caller=app)
        )

    def call_of_its_own(self, at, *, app="front", to="config", ms=2.0):
        trace, call, callee = self.next(), self.next(), self.next()
        self.spans.append(outbound(app, to, trace, call, at=at, ms=ms, id=self.next()))
        self.spans.append(inbound(to, trace, callee, call, at=at + 0.5, ms=1, caller=app))

    def poisson(self, rate_hz, seconds):
        at = 0.0
        while (at := at + self.chance.expovariate(rate_hz) * 1000) < seconds * 1000:
            yield at


def test_an_app_that_forwards_nothing_is_named_with_what_to_copy_from_where_to_where():
    traffic = Traffic()
    for at in traffic.poisson(5, 10):
        traffic.serve(at, forwards=False)

    report = doctor(traffic.spans)
    (finding,) = report.findings

    calls = len(traffic.spans) // 3
    assert (B1, "front", Confidence.HIGH, Severity.ERROR) == (
        finding.sign,
        finding.subject.service,
        finding.confidence,
        finding.severity,
    )
    assert (calls, calls, 1.0) == (finding.affected, finding.total, finding.ratio)
    assert ("traceparent", "tracestate", "x-request-id") == finding.headers
    assert (
        "In front-v1.default, copy the headers traceparent, tracestate and x-request-id unchanged "
        "from each inbound request (front.default.svc.cluster.local:9080/*) to every outbound "
        "request it makes for it (back.default.svc.cluster.local:9080/*)." == finding.advice
    )
    assert [
        ("front.default.svc.cluster.local:9080/*", "back.default.svc.cluster.local:9080/*")
    ] == [(pair.inbound, pair.outbound) for pair in finding.operations]


def test_the_evidence_names_the_call_and_the_only_request_that_it_can_belong_to():
    traffic = Traffic()
    for number in range(8):
        traffic.serve(number * 100, forwards=False)

    (finding,) = doctor(traffic.spans).findings
    evidence = finding.evidence[0]

    request, call = traffic.spans[0], traffic.spans[1]
    assert (call.trace_id, call.span_id, request.trace_id, request.span_id) == (
        evidence.trace_id,
        evidence.span_id,
        evidence.other_trace_id,
        evidence.other_span_id,
    )
    assert 5 == len(finding.evidence)


def test_an_app_that_forwards_is_not_named_however_busy():
    traffic = Traffic()
    for at in traffic.poisson(200, 1):
        traffic.serve(at, ms=50)

    assert () == doctor(traffic.spans).findings


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("rate", "ms"), [(2, 20), (20, 20), (100, 30)])
def test_calls_of_its_own_do_not_look_like_lost_ones_in_an_app_that_forwards(seed, rate, ms):
    traffic = Traffic(seed)
    for at in traffic.poisson(rate, 8):
        traffic.serve(at, ms=ms)
    for at in traffic.poisson(8, 8):
        traffic.call_of_its_own(at)

    assert () == doctor(traffic.spans).findings


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("rate", "ms"), [(2, 20), (20, 20), (100, 30)])
def test_calls_of_its_own_are_never_named_with_confidence_in_an_app_that_calls_for_nobody(
    seed, rate, ms
):
    traffic = Traffic(seed)
    for at in traffic.poisson(rate, 8):
        traffic.spans.append(inbound("front", traffic.next(), traffic.next(), at=at, ms=ms))
    for at in traffic.poisson(8, 8):
        traffic.call_of_its_own(at)

    sure = [each for each in doctor(traffic.spans).findings if each.confidence > Confidence.LOW]

    assert [] == sure


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("rate", "ms"), [(20, 40), (100, 40)])
def test_lost_calls_are_named_with_confidence_in_a_busy_pod(seed, rate, ms):
    traffic = Traffic(seed)
    for at in traffic.poisson(rate, 8):
        traffic.serve(at, ms=ms, forwards=False)

    found = findings(doctor(traffic.spans), B1)

    assert ["front"] == list(found)
    assert found["front"].confidence >= Confidence.HIGH


def test_one_operation_that_loses_headers_is_told_from_one_that_keeps_them_and_own_calls():
    traffic = Traffic()
    for at in traffic.poisson(20, 8):
        traffic.serve(at)
    for at in traffic.poisson(8, 8):
        traffic.serve(at, forwards=False, to="legacy", name="front.default:9080/old")
    for at in traffic.poisson(8, 8):
        traffic.call_of_its_own(at)

    found = findings(doctor(traffic.spans), B1)

    assert ["front"] == list(found)
    assert {"legacy.default.svc.cluster.local:9080/*"} == {
        pair.outbound for pair in found["front"].operations
    }
    assert "front.default:9080/old" == found["front"].operations[0].inbound


def test_a_request_that_has_its_call_in_its_own_trace_is_no_candidate_for_another():
    traffic = Traffic()
    for number in range(10):
        traffic.serve(number * 100, ms=50)
        traffic.call_of_its_own(number * 100 + 25, to="back")

    assert () == doctor(traffic.spans).findings


def test_a_request_id_makes_it_certain():
    traffic = Traffic()
    traffic.serve(0, forwards=False, same_id=True)

    report = doctor(traffic.spans)

    assert ["B1", "B2"] == signs(report)
    assert Confidence.CERTAIN is findings(report, B1)["front"].confidence


def test_one_call_alone_is_named_with_low_confidence():
    traffic = Traffic()
    traffic.serve(0, forwards=False)

    assert Confidence.LOW is findings(doctor(traffic.spans), B1)["front"].confidence


def test_a_client_that_serves_always_one_request_after_the_other_is_told_by_its_habits():
    traffic = Traffic()
    for number in range(200):
        traffic.serve(number * 20, ms=20, forwards=False)

    found = findings(doctor(traffic.spans), B1)["front"]

    assert Confidence.MEDIUM is found.confidence
    assert "proves little" in found.why


def test_a_workload_without_inbound_requests_is_left_out():
    traffic = Traffic()
    for number in range(20):
        traffic.call_of_its_own(number * 100, app="cron", to="back")

    report = doctor(traffic.spans)

    assert () == report.findings
    assert [("cron", 0, 20, 20, 0)] == [
        (
            each.workload.service,
            each.inbound,
            each.outbound,
            each.began_traces,
            each.began_while_serving,
        )
        for each in report.workloads
        if each.outbound
    ]


def test_a_probe_is_no_request_that_is_served():
    traffic = Traffic()
    for number in range(20):
        traffic.serve(number * 100, forwards=False, user_agent="kube-probe/1.33")

    report = doctor(traffic.spans)

    assert () == report.findings
    assert 0 == sum(each.inbound for each in report.workloads if each.workload.service == "front")


def test_another_pod_that_serves_at_the_time_is_no_reason():
    traffic = Traffic()
    for number in range(20):
        traffic.serve(number * 100, app="other")
        traffic.call_of_its_own(number * 100 + 5)

    assert () == doctor(traffic.spans).findings


def test_what_is_before_the_window_explains_it_and_is_not_counted():
    traffic = Traffic()
    traffic.spans.append(inbound("front", 1, 1, at=-5, ms=100))
    for number in range(10, 16):
        traffic.spans.append(outbound("front", "back", number, number, at=number))
        traffic.spans.append(
            inbound("back", number, number + 100, number, at=number, caller="front")
        )

    report = doctor(traffic.spans, from_ms=0)

    front = next(each for each in report.workloads if each.workload.service == "front")
    assert (0, 6, 6) == (front.inbound, front.began_traces, front.began_while_serving)
    assert 6 == report.traces


def test_chunks_make_no_difference():
    traffic = Traffic()
    for at in traffic.poisson(30, 5):
        traffic.serve(at, forwards=traffic.chance.random() < 0.5)

    assert doctor(traffic.spans) == doctor(traffic.spans, chunk_spans=7)
