"""Rules G13 to G21: what one call is."""

import pytest

from model.graph.edge import View
from model.graph.place import PlaceKind
from tests.graph.rules.mesh import (
    app_in,
    app_local,
    app_out,
    call,
    gateway_attempt,
    gateway_client,
    gateway_in,
    lost,
    sidecar_attempt,
    sidecar_in,
    sidecar_out,
    trace,
    waypoint,
)

REVIEWS_CLUSTER = "outbound|9080||reviews.default.svc.cluster.local"


def test_g13_a_change_of_place_is_a_call_whatever_the_kinds(mesh):
    mesh.receive(
        sidecar_in(
            "productpage",
            sidecar_in("details"),  # SERVER under SERVER
            app_out("productpage", call("productpage", "reviews")),  # CLIENT, CLIENT, SERVER
        )
    )

    assert [
        "productpage -> details 1/0",
        "productpage -> reviews 1/0",
        "unknown -> productpage 1/0",
    ] == mesh.edges()


def test_g14_app_and_sidecar_spans_of_one_request_are_one_call(mesh):
    mesh.receive(
        app_out(
            "productpage", call("productpage", "reviews", app_in("reviews")), resource=IN_DEFAULT
        )
    )

    assert ["productpage -> reviews 1/0"] == mesh.edges()


IN_DEFAULT = {"service.namespace": "default"}


def test_g14_a_whole_request_through_bookinfo_has_an_edge_a_hop(mesh):
    def hop(caller, callee, *below):
        spans = call(caller, callee, app_in(callee, app_local(callee, *below)))
        return app_out(caller, spans)

    mesh.receive(
        gateway_in(
            "productpage",
            gateway_attempt(
                "productpage",
                sidecar_in(
                    "productpage",
                    app_in(
                        "productpage",
                        hop("productpage", "details"),
                        hop("productpage", "reviews", hop("reviews", "ratings")),
                    ),
                ),
            ),
        )
    )

    assert [
        "ingress -> istio-ingressgateway 1/0",
        "istio-ingressgateway -> productpage 1/0",
        "productpage -> details 1/0",
        "productpage -> reviews 1/0",
        "reviews -> ratings 1/0",
    ] == mesh.edges()


@pytest.mark.parametrize(
    "calling",
    [
        lambda: call("reviews", "reviews"),
        lambda: app_out("reviews", app_in("reviews")),
        lambda: sidecar_out("reviews", "reviews"),
    ],
    ids=["sidecars", "apps", "the named peer is its own service"],
)
def test_g15_a_service_that_calls_itself_has_an_edge_to_itself(mesh, calling):
    mesh.receive(sidecar_in("reviews", calling()))

    assert ["reviews -> reviews 1/0", "unknown -> reviews 1/0"] == mesh.edges()


def test_g15_an_outbound_span_that_delivers_to_its_own_app_is_no_self_call(mesh):
    delivery = sidecar_attempt("reviews", "inbound|9080||", app_in("reviews"))

    mesh.receive(sidecar_out("productpage", "reviews", sidecar_in("reviews", delivery)))

    assert ["productpage -> reviews 1/0"] == mesh.edges()


def test_g15_an_inbound_span_of_the_pods_own_outbound_listener_is_no_self_call(mesh):
    attempt = sidecar_attempt("productpage", REVIEWS_CLUSTER, sidecar_in("reviews"))
    listener = sidecar_in("productpage", attempt, tags={"upstream_cluster": REVIEWS_CLUSTER})

    mesh.receive(app_out("productpage", listener))

    assert ["productpage -> reviews 1/0"] == mesh.edges()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: gateway_attempt("productpage", sidecar_in("productpage"), trace_flags=0),
        lambda: gateway_client("productpage", sidecar_in("productpage"), trace_flags=0x101),
    ],
    ids=["without node_id", "its parent is not remote"],
)
def test_g16_server_and_client_of_one_gateway_are_no_self_call(mesh, attempt):
    mesh.receive(gateway_in("productpage", attempt()))

    assert [
        "ingress -> istio-ingressgateway 1/0",
        "istio-ingressgateway -> productpage 1/0",
    ] == mesh.edges()


@pytest.mark.parametrize(
    "gateway",
    [
        lambda: gateway_in("web", gateway_attempt("web", sidecar_in("web"))),
        lambda: gateway_client("web", sidecar_in("web")),
    ],
    ids=["SERVER and CLIENT", "the older single CLIENT"],
)
def test_g17_a_gateway_is_a_place_of_its_own_or_passed_through(mesh, gateway):
    mesh.receive(gateway())

    assert [
        "ingress -> istio-ingressgateway 1/0",
        "istio-ingressgateway -> web 1/0",
    ] == mesh.edges(View.GATEWAYS)
    assert ["ingress -> web 1/0 via gateway"] == mesh.edges(View.NEITHER)


def test_g17_a_call_through_an_egress_gateway_is_one_of_its_caller_when_passed_through(mesh):
    gateway = gateway_in(
        "api.example.com", gateway_attempt("api.example.com", app="egress"), app="egress"
    )

    mesh.receive(sidecar_out("web", "egress.istio-system", gateway))

    assert ["egress -> api.example.com (external) 1/0", "web -> egress 1/0"] == mesh.edges()
    assert ["web -> api.example.com (external) 1/0 via gateway"] == mesh.edges(View.NEITHER)


def test_g17_gateway_kinds_are_told_by_the_node_id(mesh_once):
    mesh_once.receive(gateway_client("web", sidecar_in("web")))

    assert PlaceKind.GATEWAY is mesh_once.key("istio-ingressgateway", "web").source.kind


@pytest.mark.parametrize(
    "service_name",
    ["waypoint.default", "reviews.default.svc.cluster.local", "waypoint"],
    ids=["until 1.27", "1.28 and 1.29", "without namespace"],
)
def test_g18_a_waypoint_is_passed_through_by_default_whatever_its_service_name(mesh, service_name):
    mesh.receive(waypoint("reviews", caller="productpage", resource={"service.name": service_name}))

    assert ["productpage -> reviews 1/0 via waypoint"] == _without_kinds(mesh.edges())


def test_g18_a_waypoints_tags_win_over_the_tree(mesh):
    mesh.receive(app_out("web", waypoint("reviews", caller="productpage")))

    assert ["productpage -> reviews 1/0 via waypoint"] == _without_kinds(mesh.edges())


@pytest.mark.parametrize("tags", [{}, {"istio.source_workload": ""}], ids=["absent", "empty"])
def test_g18_without_tags_the_callee_is_in_the_name_and_the_caller_above(mesh, tags):
    mesh.receive(app_out("productpage", waypoint("reviews", tags=tags)))

    assert ["productpage -> reviews (service) 1/0 via waypoint"] == mesh.edges()


def test_g18_the_callee_of_a_waypoint_is_one_place_with_its_app_spans(mesh):
    below = app_in("reviews", resource={"k8s.namespace.name": "default"})

    mesh.receive(app_out("productpage", waypoint("reviews", below)))

    assert ["productpage -> reviews 1/0 via waypoint"] == mesh.edges()


def test_g18_a_waypoint_is_a_node_of_its_own_where_asked_for(mesh):
    mesh.receive(
        app_out("productpage", waypoint("reviews", app_in("reviews", resource=IN_DEFAULT)))
    )

    assert ["productpage -> waypoint 1/0", "waypoint -> reviews 1/0"] == mesh.edges(View.WAYPOINTS)


@pytest.mark.parametrize(
    ("option", "drawn"),
    [
        ({}, {("ingress", "istio-ingressgateway"), ("istio-ingressgateway", "web")}),
        ({"gateways": "pass"}, {("ingress", "web")}),
    ],
    ids=["as nodes", "passed through"],
)
async def test_g17_the_api_draws_gateways_as_asked(mesh_once, ask, option, drawn):
    mesh_once.receive(gateway_in("web", gateway_attempt("web", sidecar_in("web"))))

    _, graph = await ask(mesh_once, last="1m", type="app", **option)

    assert drawn == _drawn(graph)


@pytest.mark.parametrize(
    ("option", "drawn"),
    [
        ({}, {("productpage", "reviews")}),
        ({"waypoints": "node"}, {("productpage", "waypoint"), ("waypoint", "reviews")}),
    ],
    ids=["passed through", "as nodes"],
)
async def test_g18_the_api_draws_waypoints_as_asked(mesh_once, ask, option, drawn):
    mesh_once.receive(waypoint("reviews", caller="productpage"))

    _, graph = await ask(mesh_once, last="1m", type="app", **option)

    assert drawn == _drawn(graph)


def _drawn(graph):
    labels = {node["id"]: node["label"] for node in graph["nodes"]}
    return {(labels[edge["source"]], labels[edge["target"]]) for edge in graph["edges"]}


def _without_kinds(lines):
    return [line.replace(" (service)", "") for line in lines]


def test_g19_one_outbound_span_with_three_callees_is_three_calls(mesh):
    mesh.receive(sidecar_out("productpage", "reviews", *(sidecar_in("reviews") for _ in range(3))))

    assert ["productpage -> reviews 3/0"] == mesh.edges()


def test_g20_an_outbound_entry_is_one_call_without_error(mesh):
    mesh.receive(sidecar_in("productpage", call("reviews", "ratings", code="503")))

    assert [
        "productpage -> reviews 1/0",
        "reviews -> ratings 1/1",
        "unknown -> productpage 1/0",
    ] == mesh.edges()


def test_g20_entries_that_name_the_same_missing_parent_are_one_call(mesh):
    missing = lost(
        sidecar_in("reviews", call("reviews", "ratings"), call("reviews", "stock", code="503"))
    )

    mesh.receive(sidecar_in("productpage", missing))

    assert [
        "productpage -> reviews 1/0 inferred",
        "reviews -> ratings 1/0",
        "reviews -> stock 1/1",
        "unknown -> productpage 1/0",
    ] == mesh.edges()


def test_g21_nothing_is_inferred_from_equal_times_and_names_across_traces(mesh):
    mesh.receive(
        trace(sidecar_out("productpage", "reviews")),
        trace(sidecar_in("reviews")),
    )

    assert ["productpage -> reviews (service) 1/0", "unknown -> reviews 1/0"] == mesh.edges()
