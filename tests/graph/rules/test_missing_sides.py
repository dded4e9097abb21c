"""Rules G22 to G27: calls of which only one side tells."""

import pytest

from tests.graph.rules.mesh import (
    address_of,
    app_in,
    app_local,
    app_out,
    call,
    sidecar_in,
    sidecar_out,
    trace,
    waypoint,
)

PEERS = {
    "istio.destination_canonical_service": ("reviews", "reviews (service)"),
    "peer.service": ("billing", "billing (external)"),
    "server.address": ("api.example.com", "api.example.com (external)"),
    "net.peer.name": ("api.example.org", "api.example.org (external)"),
    "url.full": ("https://files.example.com/x?y", "files.example.com (external)"),
    "http.url": ("http://old.example.com/", "old.example.com (external)"),
    "network.peer.address": ("198.51.100.7", "198.51.100.7 (external)"),
}


@pytest.mark.parametrize("key", PEERS)
def test_g22_an_outbound_span_without_a_callee_calls_a_peer(mesh, key):
    value, name = PEERS[key]

    mesh.receive(app_out("web", tags={key: value, **_namespace(key)}))

    assert [f"web -> {name} 1/0"] == mesh.edges()


def _namespace(key):
    return {"istio.destination_namespace": "default"} if key.startswith("istio") else {}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("istio.destination_canonical_service", "peer.service"),
        ("peer.service", "server.address"),
        ("server.address", "url.full"),
        ("url.full", "network.peer.address"),
    ],
)
def test_g22_of_two_names_of_a_peer_the_better_one_counts(mesh_once, better, worse):
    tags = {worse: PEERS[worse][0], better: PEERS[better][0], **_namespace(better)}

    mesh_once.receive(app_out("web", tags=tags))

    assert [f"web -> {PEERS[better][1]} 1/0"] == mesh_once.edges()


def test_g22_the_host_of_the_upstream_cluster_is_the_first_name(mesh):
    mesh.receive(sidecar_out("web", "reviews", tags={"peer.service": "billing"}))

    assert ["web -> reviews (service) 1/0"] == mesh.edges()
    host = mesh.key("web", "reviews (service)").host
    assert "reviews.default.svc.cluster.local" == host


@pytest.mark.parametrize(
    ("cluster", "peer"),
    [
        ("PassthroughCluster", "api.example.com (external)"),
        ("BlackHoleCluster", "BlackHoleCluster (external)"),
        ("outbound|443||api.example.net", "api.example.net (external)"),
    ],
)
def test_g22_a_peer_outside_of_the_mesh_has_the_name_of_its_host(mesh, cluster, peer):
    tags = {"upstream_cluster": cluster, "http.url": "http://api.example.com/v1"}

    mesh.receive(sidecar_out("web", "api.example.com", tags=tags))

    assert [f"web -> {peer} 1/0"] == mesh.edges()


def test_g22_local_spans_below_do_not_make_a_callee(mesh):
    below = app_local("web", app_local("web"))

    mesh.receive(app_out("web", below, tags={"peer.service": "billing"}))

    assert ["web -> billing (external) 1/0"] == mesh.edges()


def test_g22_app_and_sidecar_clients_of_one_call_are_one_call_to_a_peer(mesh):
    sidecar = sidecar_out("web", "reviews")

    mesh.receive(app_out("web", sidecar, tags={"server.address": "reviews", "server.port": 9080}))

    assert ["web -> reviews (service) 1/0"] == mesh.edges()


def test_g22_a_client_that_names_nobody_calls_somebody_unknown(mesh):
    mesh.receive(app_out("web"))

    assert ["web -> unknown 1/0"] == mesh.edges()


def test_g22_the_address_of_a_peer_is_looked_up_among_the_pods(mesh):
    mesh.receive(
        call("web", "reviews"),
        app_out("cron", tags={"network.peer.address": address_of("reviews")}),
    )

    assert ["cron -> reviews 1/0", "web -> reviews 1/0"] == mesh.resolved()


@pytest.mark.parametrize("host", ["reviews.default", "reviews.default.svc.cluster.local:9080"])
def test_g23_a_peer_whose_name_is_a_known_service_is_that_service(mesh, host):
    mesh.receive(call("web", "reviews"), app_out("cron", tags={"server.address": host}))

    assert ["cron -> reviews (service) 1/0", "web -> reviews 1/0"] == mesh.resolved()


def test_g23_a_peer_whose_name_is_no_known_service_stays_what_it_is(mesh):
    mesh.receive(call("web", "reviews"), app_out("cron", tags={"peer.service": "billing"}))

    assert ["cron -> billing (external) 1/0", "web -> reviews 1/0"] == mesh.resolved()


def called(**tags):
    """An inbound span of reviews whose caller, productpage, has sent nothing."""
    return sidecar_out("productpage", "reviews", sidecar_in("reviews", tags={**tags}), is_lost=True)


def test_g24_a_waypoints_tags_tell_the_caller_first(mesh):
    mesh.receive(sidecar_in("web", waypoint("reviews", caller="productpage", parent=0xDEAD)))

    assert [
        "productpage (service) -> reviews (service) 1/0 via waypoint",
        "unknown -> web 1/0",
    ] == mesh.resolved()


def test_g24_then_the_pod_that_has_the_callers_address(mesh):
    mesh.receive(
        trace(sidecar_in("web"), called(**{"peer.service": "billing"})),
        call("productpage", "details"),
    )

    assert [
        "productpage -> details 1/0",
        "productpage -> reviews 1/0",
        "unknown -> web 1/0",
    ] == mesh.resolved()


def test_g24_then_the_root(mesh):
    mesh.receive(trace(sidecar_in("web"), called(**{"peer.service": "billing"})))

    assert ["unknown -> web 1/0", "web -> reviews 1/0 inferred"] == mesh.resolved()


def test_g24_then_the_remote_endpoint_that_the_span_names(mesh):
    mesh.receive(called(**{"peer.service": "billing"}))

    assert ["billing (external) -> reviews 1/0"] == mesh.resolved()


@pytest.mark.parametrize("parent", [called, lambda: sidecar_in("reviews")])
def test_g24_then_nobody_that_is_known(mesh, parent):
    mesh.receive(parent())

    assert ["unknown -> reviews 1/0"] == mesh.resolved()


def test_g24_the_roots_caller_is_the_pod_that_has_its_address(mesh):
    mesh.receive(
        sidecar_in("reviews", tags={"peer.address": address_of("productpage")}),
        call("productpage", "details"),
    )

    assert ["productpage -> details 1/0", "productpage -> reviews 1/0"] == mesh.resolved()


def test_g25_a_caller_in_the_tree_beats_a_remote_name(mesh):
    mesh.receive(app_out("web", app_in("stock", tags={"peer.service": "billing"})))

    assert ["web -> stock 1/0"] == mesh.resolved()


def test_g25_an_inferred_caller_beats_a_remote_name_too(mesh):
    below = app_out("web", app_in("stock", tags={"peer.service": "billing"}), is_lost=True)

    mesh.receive(app_in("web", below))

    assert ["unknown -> web 1/0", "web -> stock 1/0 inferred"] == mesh.resolved()


def test_g26_an_unknown_caller_is_a_source_of_traffic_in_mesh_views(mesh):
    mesh.receive(sidecar_in("reviews"))

    graph = mesh.draw()
    labels = {node.id: node.label for node in graph.nodes}
    assert [("unknown", "reviews-v1")] == [
        (labels[edge.source], labels[edge.target]) for edge in graph.edges
    ]


def test_g26_an_unknown_caller_is_in_no_list_of_dependencies(mesh):
    mesh.receive(sidecar_in("productpage", call("productpage", "reviews")))

    assert ["productpage.default -> reviews.default 1"] == mesh.dependencies()


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"db.system": "mysql", "peer.service": "accounts", "server.address": "m"}, "accounts"),
        ({"db.system": "mysql", "server.address": "mysql", "server.port": 3306}, "mysql:3306"),
        ({"db.system": "mysql", "server.address": "mysql", "db.name": "shop"}, "mysql"),
        (
            {"db.name": "shop", "network.peer.address": "10.0.0.9", "server.port": 3306},
            "10.0.0.9:3306",
        ),
        ({"db.system.name": "postgresql", "db.namespace": "shop"}, "shop"),
        ({"db.name": "shop"}, "shop"),
        ({"db.system": "redis"}, "redis"),
    ],
)
def test_g27_an_outbound_span_about_a_database_calls_a_node_of_that_kind(mesh_once, tags, name):
    mesh_once.receive(app_out("web", tags=tags, lasting=7))

    assert [f"web -> {name} (database) 1/0"] == mesh_once.edges()
    assert 7 == mesh_once.milliseconds("client")
    assert "database" == mesh_once.key("web", f"{name} (database)").protocol


def test_g27_a_real_entry_below_is_the_callee_instead(mesh):
    mesh.receive(app_out("web", app_in("mysql-proxy"), tags={"db.system": "mysql"}))

    assert ["web -> mysql-proxy 1/0"] == mesh.edges()
