import pytest

from model.graph.place import PlaceKind
from model.graph.view import GraphType
from tests.api.shapes.graphs import SICK, bad, bookinfo, edge, graph, node, ok, traffic, virtual
from tests.api.shapes.kiali_documents import document, edges, nodes, pair, sha

KNOWN = {"service": "reviews", "version": "v1", "workload": "reviews-v1"}


@pytest.mark.parametrize(
    ("told", "kind", "graph_type", "key", "node_type"),
    [
        (KNOWN, "WORKLOAD", "workload", "wl_cluster-1_default_reviews-v1", "workload"),
        (KNOWN, "WORKLOAD", "versionedApp", "vapp_cluster-1_default_reviews-v1", "app"),
        (KNOWN, "WORKLOAD", "app", "app_cluster-1_default_reviews", "app"),
        (KNOWN, "WORKLOAD", "service", "svc_cluster-1_default_reviews", "service"),
        (KNOWN | {"workload": ""}, "WORKLOAD", "workload", "svc_cluster-1_default_reviews",
         "service"),
        (KNOWN | {"workload": ""}, "WORKLOAD", "versionedApp",
         "vapp_cluster-1_default_reviews_v1", "app"),
        (KNOWN | {"workload": "", "version": ""}, "WORKLOAD", "versionedApp",
         "app_cluster-1_default_reviews", "app"),
        (KNOWN | {"service": ""}, "WORKLOAD", "app", "wl_cluster-1_default_reviews-v1",
         "workload"),
        (KNOWN | {"workload": ""}, "SERVICE", "app", "svc_cluster-1_default_reviews", "service"),
        (KNOWN | {"cluster": "", "namespace": ""}, "WORKLOAD", "workload",
         "wl_unknown_unknown_reviews-v1", "workload"),
        (KNOWN | {"workload": "waypoint"}, "WAYPOINT", "service",
         "wl_cluster-1_default_waypoint", "workload"),
        ({"cluster": "", "namespace": ""}, "EXTERNAL", "workload", "svc_unknown_unknown_x",
         "service"),
        ({"cluster": "", "namespace": ""}, "UNKNOWN", "workload", "svc_unknown_unknown_unknown",
         "service"),
    ],
)  # fmt: skip
def test_the_id_of_a_callee_is_the_hash_of_its_key(
    told: dict[str, str], kind: str, graph_type: str, key: str, node_type: str
) -> None:
    drawn = graph(
        [node("s", "s", workload="s"), node("n", "x", PlaceKind[kind], **told)],
        [edge("s", "n", traffic(ok(1)))],
    )

    assert (sha(key), node_type) in {
        (each["id"], each["nodeType"]) for each in nodes(drawn, graphType=graph_type)
    }


@pytest.mark.parametrize("kind", [PlaceKind.UNKNOWN, PlaceKind.INGRESS])
def test_an_unknown_caller_is_the_unknown_source(kind: PlaceKind) -> None:
    drawn = graph(
        [virtual("u", "u", kind), node("b", "b", workload="b")],
        [edge("u", "b", traffic(ok(1)))],
        type=GraphType.WORKLOAD,
    )
    found = next(each for each in nodes(drawn) if each["nodeType"] == "unknown")

    assert {
        "id": sha("unknown_unknown_source"),
        "nodeType": "unknown",
        "cluster": "unknown",
        "namespace": "unknown",
        "workload": "unknown",
        "app": "unknown",
        "version": "unknown",
        "traffic": [{"protocol": "http", "rates": {"httpOut": "0.01"}}],
        "healthData": None,
        "isInaccessible": True,
        "isRoot": True,
    } == found


def test_health_data_is_always_there_and_tells_requests_by_code() -> None:
    ratings = next(
        each for each in nodes(bookinfo(), graphType="versionedApp") if each.get("app") == "ratings"
    )
    without = nodes(bookinfo(), graphType="versionedApp", appenders="responseTime")

    assert {
        "requests": {
            "inbound": {"http": {"200": 0.48, "404": 0.06, "500": 0.06}},
            "outbound": {"grpc": {"0": 0.09, "14": 0.01}, "http": {"unknown": 0.7}},
            "healthAnnotations": {},
        },
        "status": {"status": "Failure", "reason": SICK.reason},
    } == ratings["healthData"]
    assert {None} == {each["healthData"] for each in without}


def test_nodes_are_boxed_by_app_namespace_and_cluster() -> None:
    found = nodes(bookinfo(), graphType="versionedApp", boxBy="cluster,namespace")
    boxes = {each["isBox"]: each for each in found if each["nodeType"] == "box"}
    parent = {each.get("workload"): each.get("parent") for each in found}

    assert ["namespace", "app"] == [each["isBox"] for each in found[:2]]
    assert sha("box_cluster-1_default_reviews") == boxes["app"]["id"] == parent["reviews-v2"]
    assert sha("box_cluster-1_default") == boxes["namespace"]["id"] == parent["ratings-v1"]
    assert boxes["app"]["parent"] == boxes["namespace"]["id"]
    assert parent["istio-ingressgateway"] is None  # alone in its namespace
    assert "Failure" == boxes["app"]["healthData"]["status"]["status"]


def test_clusters_are_boxed_where_there_are_several() -> None:
    calls = traffic(ok(1))
    ends = [
        node(f"{cluster}{number}", "x", cluster=cluster, workload=f"w{number}")
        for cluster in ("east", "west")
        for number in (1, 2)
    ]
    drawn = graph(
        ends,
        [edge("east1", "east2", calls), edge("west1", "west2", calls)],
        type=GraphType.WORKLOAD,
    )
    found = nodes(drawn, boxBy="cluster")

    assert [sha("box_east"), sha("box_west")] == [
        each["id"] for each in found if each.get("isBox") == "cluster"
    ]
    assert ("", None) == (found[0]["namespace"], found[0]["healthData"])


def test_one_cluster_or_namespace_alone_is_no_box() -> None:
    assert [] == [
        each
        for each in nodes(pair(traffic(ok(1))), boxBy="cluster,namespace,app")
        if each["nodeType"] == "box"
    ]


def test_nodes_and_edges_are_in_kialis_order() -> None:
    found = document(bookinfo(), graphType="versionedApp", boxBy="namespace")["elements"]
    ranks = {"cluster": 0, "namespace": 1, "app": 2, None: 3}
    order = [
        (
            ranks[each["data"].get("isBox")],
            *(
                each["data"].get(name, "")
                for name in ("cluster", "namespace", "app", "version", "service", "workload")
            ),
        )
        for each in found["nodes"]
    ]
    lines = [
        (each["data"]["source"], each["data"]["target"], each["data"]["traffic"]["protocol"])
        for each in found["edges"]
    ]

    assert (sorted(order), sorted(lines)) == (order, lines)


def test_flags_tell_what_spans_show() -> None:
    flags = {
        each.get("workload") or each.get("service"): {
            name for name in each if name.startswith(("is", "has"))
        }
        for each in nodes(bookinfo(GraphType.WORKLOAD))
    }

    assert {
        "unknown": {"isInaccessible", "isRoot"},
        "istio-ingressgateway": {"isGateway", "isOutside"},
        "ratings-v1": {"hasFaultInjection"},
        "cron-v1": {"isIdle"},
        "mysql:3306": {"isInaccessible", "isServiceEntry"},
        "reviews-v1": set(),
    }.items() <= flags.items()


@pytest.mark.parametrize(
    ("flag", "member"),
    [("UO", "hasCB"), ("UT", "hasRequestTimeout"), ("DI", "hasFaultInjection"), ("UF", None)],
)
def test_response_flags_show_what_is_configured(flag: str, member: str | None) -> None:
    target = nodes(pair(traffic(bad(1, flags=f"{flag},URX"))))[1]

    assert {member} - {None} == {name for name in target if name.startswith("has")}


@pytest.mark.parametrize(
    ("workload", "ingress", "egress"),
    [("gw", ["shop.example.com"], None), ("istio-egressgateway", None, ["shop.example.com"])],
)
def test_a_gateway_tells_the_hosts_that_it_serves(
    workload: str, ingress: list[str] | None, egress: list[str] | None
) -> None:
    drawn = graph(
        [node("g", "g", PlaceKind.GATEWAY, workload=workload, hosts=("shop.example.com",))],
        type=GraphType.WORKLOAD,
    )
    told = nodes(drawn)[0]["isGateway"]

    assert (ingress, egress, {}) == (
        told["ingressInfo"].get("hostnames"),
        told["egressInfo"].get("hostnames"),
        told["gatewayAPIInfo"],
    )


def test_hosts_tell_the_services_of_a_workload() -> None:
    found = {each.get("workload"): each for each in nodes(bookinfo(GraphType.WORKLOAD))}

    assert [{"cluster": "cluster-1", "namespace": "default", "name": "reviews"}] == found[
        "reviews-v2"
    ]["destServices"]
    assert "destServices" not in found["cron-v1"]


def test_without_the_idle_appender_nodes_without_edges_are_left_out() -> None:
    found = nodes(bookinfo(GraphType.WORKLOAD), appenders="health")

    assert "cron-v1" not in {each.get("workload") for each in found}


def test_waypoints_are_marked_with_the_direction_of_their_edges() -> None:
    calls = traffic(ok(1))
    drawn = graph(
        [
            node("a", "a", workload="a"),
            node("w", "w", PlaceKind.WAYPOINT, workload="waypoint"),
            node("b", "b", workload="b"),
        ],
        [edge("a", "w", calls), edge("w", "b", calls), edge("w", "a", calls)],
        type=GraphType.WORKLOAD,
    )
    waypoint = sha("wl_cluster-1_default_waypoint")
    lines = edges(drawn)
    (there,) = (each["waypoint"] for each in lines if each["target"] == waypoint)

    assert ["waypoint"] == [each["workload"] for each in nodes(drawn) if each.get("isWaypoint")]
    assert ["from", "from"] == [
        each["waypoint"]["direction"] for each in lines if each["source"] == waypoint
    ]
    assert ("to", waypoint) == (there["direction"], there["fromEdge"]["source"])
