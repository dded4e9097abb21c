"""Rules G1 to G9: who made a span, and which spans are one."""

import pytest

from collector.config import MeshIdentity, ProcessorConfig, Sanitise
from model.graph.place import Place, PlaceKind
from tests.graph.rules.mesh import (
    app_in,
    app_out,
    call,
    gateway_attempt,
    gateway_in,
    pod_of,
    sidecar_in,
    sidecar_out,
    trace,
)


def test_g1_a_span_delivered_again_changes_no_count_sum_or_name(mesh):
    sent = trace(call("productpage", "reviews", lasting=30))
    mesh.receive(sent)
    keys = mesh.keys()

    mesh.receive(sent)
    mesh.receive(*sent.spans())

    assert ["productpage -> reviews 1/0"] == mesh.edges()
    assert keys == mesh.keys()
    assert (30, 178) == (mesh.milliseconds("client"), mesh.total("response_bytes"))


def test_g1_client_and_server_of_a_shared_id_are_two_spans(mesh):
    mesh.receive(app_out("shop", app_in("stock", id=0xA1, parent=0), id=0xA1))

    assert ["shop -> stock 1/0"] == mesh.edges()


@pytest.mark.parametrize(("start", "latency"), [(5, 40), (15, 45)], ids=["earlier", "later"])
def test_g2_different_reports_of_one_span_merge_whatever_their_order(mesh, start, latency):
    told = sidecar_out("productpage", "reviews", id=0xA1, at=10, lasting=20)
    failed = sidecar_out(
        "productpage", "reviews", id=0xA1, at=start, lasting=40, code="503", flags="UC"
    )

    mesh.receive(trace(told, failed, sidecar_in("reviews", parent=0xA1, at=20)))

    assert ["productpage -> reviews 1/1"] == mesh.edges()
    assert latency == mesh.milliseconds("client")


def test_g3_the_place_of_a_proxy_span_comes_from_its_pod_and_labels(mesh_once):
    mesh_once.receive(
        sidecar_out("productpage", "reviews", sidecar_in("reviews", version="v2", cluster="east"))
    )

    assert mesh_once.key("productpage", "reviews@east").destination == Place(
        PlaceKind.WORKLOAD, "east", "default", "reviews", "v2", "reviews-v2", "reviews.default"
    )


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("reviews-v2-7bf8c9648f-8d5kv", "reviews-v2"),
        ("reviews-0", "reviews"),
        ("reviews-12", "reviews"),
    ],
)
def test_g3_the_workload_is_the_pod_without_its_suffixes(mesh_once, pod, workload):
    mesh_once.receive(sidecar_out("productpage", "reviews", sidecar_in("reviews", pod=pod)))

    assert workload == mesh_once.key("productpage", "reviews").destination.workload


@pytest.mark.parametrize("istio_tags", [True, False], ids=["with tags", "without tags"])
def test_g4_an_attempt_without_node_id_has_the_place_and_request_of_its_parent(mesh, istio_tags):
    own = ("canonical_service", "canonical_revision", "namespace", "cluster_id", "mesh_id")
    absent = {} if istio_tags else {f"istio.{name}": None for name in own}

    mesh.receive(gateway_in("productpage", gateway_attempt("productpage", tags=absent)))

    assert [
        "ingress -> istio-ingressgateway 1/0",
        "istio-ingressgateway -> productpage (service) 1/0",
    ] == mesh.edges()
    key = mesh.key("istio-ingressgateway", "productpage (service)")
    assert "productpage.default.svc.cluster.local:9080/*" == key.operation


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (
            {
                "service.namespace": "shop",
                "k8s.cluster.name": "east",
                "k8s.namespace.name": "default",
                "k8s.deployment.name": "stock-v3",
                "service.version": "3",
            },
            Place(PlaceKind.WORKLOAD, "east", "default", "stock", "3", "stock-v3", "stock"),
        ),
        (
            {"service.namespace": "shop"},
            Place(PlaceKind.WORKLOAD, "", "shop", "stock", "", "", "stock"),
        ),
    ],
    ids=["k8s attributes", "service attributes"],
)
def test_g5_the_place_of_an_app_span_comes_from_its_resource(mesh_once, resource, place):
    mesh_once.receive(app_out("web", app_in("stock", resource=resource)))

    (key,) = mesh_once.keys()
    assert place == key.destination


@pytest.mark.parametrize(
    ("name", "resource", "proxy"),
    [
        ("backend", {"k8s.pod.name": pod_of("reviews")}, {}),
        ("reviews", {"service.namespace": "default"}, {}),
        ("reviews", {}, {"istio.canonical_service": "reviews-app"}),
    ],
    ids=["same pod", "canonical service in its namespace", "the proxy's name without namespace"],
)
def test_g6_an_app_span_and_a_proxy_span_are_of_one_place(mesh, name, resource, proxy):
    below = app_in(name, app_out(name, sidecar_out("reviews", "ratings", tags=proxy)))
    below.resource |= resource
    below.children[0].resource |= resource

    mesh.receive(sidecar_out("productpage", "reviews", sidecar_in("reviews", below, tags=proxy)))

    callee = proxy.get("istio.canonical_service", "reviews")
    assert [
        f"productpage -> {callee} 1/0",
        f"{callee} -> ratings (service) 1/0",
    ] == mesh.edges()


def test_g6_an_app_span_and_a_proxy_span_are_of_one_place_by_configuration(mesh_once):
    linked = [ProcessorConfig(mesh_identity=MeshIdentity(services={"backend": "reviews.default"}))]

    mesh_once.receive(call("productpage", "reviews", app_in("backend")), processors=linked)

    assert ["productpage -> reviews 1/0"] == mesh_once.edges()


def test_g6_an_app_span_of_another_name_is_of_another_place(mesh):
    mesh.receive(call("productpage", "reviews", app_in("backend")))

    assert ["productpage -> reviews 1/0", "reviews -> backend 1/0"] == mesh.edges()


def test_g7_equal_names_in_two_namespaces_are_two_nodes(mesh):
    mesh.receive(
        sidecar_out("web", "reviews", sidecar_in("reviews")),
        sidecar_out("web", "reviews.test", sidecar_in("reviews", namespace="test")),
    )

    assert ["web -> reviews 1/0", "web -> reviews.test 1/0"] == mesh.edges()


def test_g7_equal_names_in_two_clusters_are_two_nodes(mesh):
    mesh.receive(
        call("web", "reviews"),
        sidecar_out("web", "reviews", sidecar_in("reviews", cluster="east")),
    )

    assert ["web -> reviews 1/0", "web -> reviews@east 1/0"] == mesh.edges()


def test_g8_names_keep_their_letter_case(mesh):
    mesh.receive(
        app_out("Web", app_in("Stock")),
        app_out("Web", app_in("stock")),
    )

    assert ["Web -> Stock 1/0", "Web -> stock 1/0"] == mesh.edges()


@pytest.mark.parametrize("name", [None, "", "unknown_service", "unknown_service:python"])
def test_g8_a_service_without_a_name_creates_no_node(mesh, name):
    mesh.receive(
        app_out("web", app_in("", app_out("", app_in("stock"), **_named(name)), **_named(name)))
    )

    assert ["web -> stock 1/0"] == mesh.edges()


def _named(name):
    return {"resource": {"service.name": name}}


def strict(choice):
    return [
        ProcessorConfig(sanitise=Sanitise(strict_trace_ids=choice)),
        ProcessorConfig(mesh_identity=True),
    ]


def test_g9_without_strict_ids_both_forms_of_a_trace_id_join(mesh):
    client = trace(sidecar_out("productpage", "reviews", id=0xA1))
    server = trace(sidecar_in("reviews", parent=0xA1), short_id=True, joins=client)

    mesh.receive(client, server, processors=strict(False))

    assert ["productpage -> reviews 1/0"] == mesh.edges()


def test_g9_with_strict_ids_they_are_two_traces(mesh):
    client = trace(sidecar_out("productpage", "reviews", id=0xA1))
    server = trace(sidecar_in("reviews", parent=0xA1), short_id=True, joins=client)

    mesh.receive(client, server, processors=strict(True))

    assert ["productpage -> reviews (service) 1/0", "unknown -> reviews 1/0"] == mesh.edges()
