"""Rules G34 to G40: what is counted of a call."""

import math

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.graph.rules.mesh import (
    app_in,
    app_out,
    call,
    consumer,
    gateway_attempt,
    gateway_in,
    producer,
    sidecar_in,
    sidecar_out,
)
from tests.graph.rules.sent import MS


@pytest.fixture
def mesh(rolled_mesh):
    """Sums, histograms and exemplars go through rollups as well."""
    return rolled_mesh


OK, ERROR = Status.STATUS_CODE_OK, Status.STATUS_CODE_ERROR


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"status": ERROR}, 1),
        ({"tags": {"error": True}}, 1),
        ({"tags": {"error": "true"}}, 1),
        ({"status": OK, "tags": {"error": "true"}}, 1),
        ({"tags": {"error": False}}, 0),
        ({"tags": {"error": "false"}}, 0),
        ({"status": OK}, 0),
        ({}, 0),
        ({"events": ["error"]}, 0),
        ({"events": ["exception"]}, 0),
    ],
)
def test_g34_a_span_is_in_error_by_its_status_or_the_attribute_error(mesh_once, changes, errors):
    mesh_once.receive(app_out("web", app_in("stock", **changes)))

    assert [f"web -> stock 1/{errors}"] == mesh_once.edges()


@pytest.mark.parametrize("side", ["sidecar out", "sidecar in", "app in", "app out", "all"])
def test_g35_a_call_is_in_error_once_whichever_side_tells(mesh, side):
    def failing(name):
        return side in (name, "all")

    def code(name):
        return {"code": "500"} if failing(name) else {}

    server = sidecar_in("reviews", app_in("reviews", error=failing("app in")), **code("sidecar in"))
    client = sidecar_out("web", "reviews", server, **code("sidecar out"))

    mesh.receive(app_out("web", client, error=failing("app out")))

    assert ["web -> reviews 1/1"] == mesh.edges()


def test_g35_attempts_count_each_by_itself(mesh):
    attempts = [
        gateway_attempt("reviews", sidecar_in("reviews", code="503"), code="503"),
        gateway_attempt("reviews", sidecar_in("reviews", code="503"), code="503"),
        gateway_attempt("reviews", sidecar_in("reviews")),
    ]

    mesh.receive(gateway_in("reviews", *attempts))

    assert [
        "ingress -> istio-ingressgateway 1/0",
        "istio-ingressgateway -> reviews 3/2",
    ] == mesh.edges()


def test_g35_attempts_under_one_client_span_count_each_by_itself(mesh):
    attempts = [sidecar_in("reviews", code="503"), sidecar_in("reviews")]

    mesh.receive(sidecar_out("web", "reviews", *attempts))

    assert ["web -> reviews 2/1"] == mesh.edges()


def test_g35_if_only_the_shared_client_span_failed_the_last_attempt_did(mesh):
    attempts = [
        sidecar_in("reviews", version="v1", at=31),
        sidecar_in("reviews", version="v2", at=61),
        sidecar_in("reviews", version="v3", at=1),
    ]

    mesh.receive(sidecar_out("web", "reviews", *attempts, code="504", flags="UT", lasting=90))

    assert {"reviews v1": 0, "reviews v2": 1, "reviews v3": 0} == mesh.by_callee("errors")


def test_g35_a_code_that_only_the_client_takes_for_an_error_is_one_with_its_code(mesh):
    mesh.receive(sidecar_out("web", "reviews", sidecar_in("reviews", code="404"), code="404"))

    assert ["web -> reviews 1/1"] == mesh.edges()
    assert "404" == mesh.key("web", "reviews").source_code


@pytest.mark.parametrize(
    ("code", "flags"),
    [("503", "UH"), ("503", "UF"), ("503", "UF,URX"), ("503", "UO"), ("504", "UT")],
)
def test_g35_a_caller_that_never_reached_the_callee_is_an_edge_with_its_failure(
    mesh_once, code, flags
):
    mesh_once.receive(call("web", "reviews"), sidecar_out("web", "reviews", code=code, flags=flags))

    assert ["web -> reviews (service) 1/1", "web -> reviews 1/0"] == mesh_once.edges()
    key = mesh_once.key("web", "reviews (service)")
    assert (code, flags) == (key.source_code, key.source_flags)
    assert ("", "") == (key.destination_code, key.destination_flags)


def test_g36_raw_and_estimated_counts_are_both_kept(mesh):
    mesh.receive(call("web", "reviews", trace_state="ot=th:c"), call("web", "reviews", code="503"))

    assert ["web -> reviews 2/1"] == mesh.edges()
    assert 4 + 1 == mesh.total("estimated")
    assert 1 == mesh.total("estimated_errors")
    assert 1 == mesh.total("unscaled")


def test_g36_of_two_sides_the_lower_probability_counts(mesh):
    server = sidecar_in("reviews", trace_state="ot=th:c")

    mesh.receive(sidecar_out("web", "reviews", server, trace_state="vendor=x,ot=rv:1;th:8"))

    assert 4 == mesh.total("estimated")


def test_g36_a_configured_probability_counts_where_the_trace_tells_none(sampled_mesh):
    sampled_mesh.receive(
        call("web", "details"),
        call("web", "reviews"),
        call("web", "reviews", trace_state="ot=th:8"),
    )

    assert {"details v1": 2, "reviews v1": 10 + 2} == sampled_mesh.by_callee("estimated")
    assert 0 == sampled_mesh.total("unscaled")


@pytest.mark.parametrize(
    ("threshold", "weight"),
    [("0", 1), ("8", 2), ("c", 4), ("e", 8), ("fd70a3d70a3d71", 100), ("80000000000000", 2)],
)
def test_g37_a_threshold_is_the_share_of_traces_that_were_left_out(mesh_once, threshold, weight):
    mesh_once.receive(call("web", "reviews", trace_state=f"ot=th:{threshold}"))

    assert pytest.approx(weight, rel=1e-9) == mesh_once.total("estimated")
    assert 0 == mesh_once.total("unscaled")


@pytest.mark.parametrize("threshold", ["", "xyz", "123456789012345", "-1"])
def test_g37_a_threshold_that_is_none_scales_nothing(mesh_once, threshold):
    mesh_once.receive(call("web", "reviews", trace_state=f"ot=th:{threshold}"))

    assert (1, 1) == (mesh_once.total("estimated"), mesh_once.total("unscaled"))


def test_g38_the_standard_error_takes_the_calls_of_a_trace_together(mesh):
    three = [call("web", "reviews", trace_state="ot=th:c") for _ in range(3)]
    one = call("web", "reviews", trace_state="ot=th:8")

    mesh.receive(sidecar_in("web", *three), sidecar_in("web", one))

    expected = math.sqrt(3**2 * 4 * (4 - 1) + 1**2 * 2 * (2 - 1))
    assert pytest.approx(expected) == math.sqrt(mesh.by_callee("variance")["reviews v1"])


def test_g39_latencies_are_those_of_the_outermost_spans_of_each_side(mesh):
    server = sidecar_in("reviews", app_in("reviews", lasting=10), lasting=20)
    client = sidecar_out("web", "reviews", server, lasting=30)

    mesh.receive(app_out("web", client, lasting=40))

    assert (40, 20) == (mesh.milliseconds("client"), mesh.milliseconds("server"))


def test_g39_without_a_client_span_the_servers_latency_is_shown(mesh):
    mesh.receive(sidecar_in("reviews", lasting=20))

    assert (0, 20) == (mesh.milliseconds("client"), mesh.milliseconds("server"))
    assert (20, 20) == shown(mesh)


def test_g39_with_both_the_clients_latency_is_shown(mesh):
    mesh.receive(sidecar_out("web", "reviews", sidecar_in("reviews", lasting=20), lasting=30))

    assert (30, 30) == shown(mesh)


def shown(mesh):
    """The latency of the one edge in milliseconds: the shown mean, and the exemplar."""
    (edge,) = mesh.draw().edges
    assert edge.traffic.latency is not None
    return edge.traffic.latency.mean_ns / MS, mesh.window.table().measures.slowest_ns.max() / MS


@pytest.mark.parametrize(("at", "lag"), [(50, 30), (10, 0)], ids=["after", "while sending"])
def test_g39_asynchronous_edges_have_a_lag(mesh, at, lag):
    mesh.receive(producer("shop", "", consumer("mailer", "", at=at, lasting=5), lasting=20))

    assert (lag, 5) == (mesh.milliseconds("lag"), mesh.milliseconds("server"))


def test_g40_each_view_has_the_code_and_flags_of_its_own_proxy(mesh):
    server = sidecar_in("reviews", app_in("reviews"), code="200")
    client = sidecar_out("web", "reviews", server, code="504", flags="UT")

    mesh.receive(app_out("web", client, tags={"http.response.status_code": 502}))

    key = mesh.key("web", "reviews")
    assert ("504", "UT") == (key.source_code, key.source_flags)
    assert ("200", "-") == (key.destination_code, key.destination_flags)


def test_g40_no_response_is_shown_as_a_dash(mesh):
    mesh.receive(
        sidecar_out("web", "reviews", sidecar_in("reviews", code="0", flags="DC"), code="0")
    )

    key = mesh.key("web", "reviews")
    assert ("-", "-", "DC") == (key.source_code, key.destination_code, key.destination_flags)
