"""Projection of Bookinfo's edges and of small tables."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.graph.edge import EdgeKey, Protocol, Via, View
from model.graph.measures import EdgeTable, merge_edges
from model.graph.place import Place, PlaceKind
from model.graph.project import Projection, project
from model.graph.view import BoxKind, Graph, GraphEdge, GraphNode, GraphType, HealthStatus
from tests.graph.bookinfo import (
    DETAILS,
    GATEWAY,
    INGRESS,
    LONELY,
    MYSQL,
    PRODUCTPAGE,
    REVIEWS,
    bookinfo_edges,
    bookinfo_places,
    edge,
    failed,
    workload,
)
from tests.graph.tables import CallGroup, edge_table

MINUTE_NS = 60_000_000_000
NOTHING = ()


def draw(
    edges: EdgeTable | None = None,
    places: tuple[Place, ...] | None = None,
    projection: Projection | None = None,
    **more: object,
) -> Graph:
    return project(
        bookinfo_edges() if edges is None else edges,
        bookinfo_places() if places is None else places,
        0,
        MINUTE_NS,
        projection or Projection(),
        **more,  # type: ignore[arg-type] - the rest of project()
    )


def small(*groups: tuple[EdgeKey, CallGroup], **parts: object) -> Graph:
    return draw(edge_table(groups), NOTHING, Projection(**parts))  # type: ignore[arg-type]


def node(graph: Graph, label: str) -> GraphNode:
    (found,) = (node for node in graph.nodes if node.label == label)
    return found


def between(graph: Graph, source: str, target: str) -> GraphEdge:
    labels = {node.id: node.label for node in graph.nodes}
    (found,) = (
        edge
        for edge in graph.edges
        if (labels[edge.source], labels[edge.target]) == (source, target)
    )
    return found


def lines(graph: Graph) -> dict[tuple[str, str], tuple[int, int]]:
    labels = {node.id: node.label for node in graph.nodes}
    return {
        (labels[edge.source], labels[edge.target]): (edge.traffic.calls, edge.traffic.errors)
        for edge in graph.edges
    }


def test_a_workload_graph_has_a_node_for_each_workload() -> None:
    assert lines(draw()) == {
        ("ingress", "istio-ingressgateway"): (60, 0),
        ("istio-ingressgateway", "productpage-v1"): (60, 0),
        ("productpage-v1", "details-v1"): (60, 0),
        ("productpage-v1", "reviews-v1"): (20, 0),
        ("productpage-v1", "reviews-v2"): (20, 2),
        ("productpage-v1", "reviews-v3"): (20, 0),
        ("reviews-v2", "ratings-v1"): (18, 0),
        ("reviews-v3", "ratings-v1"): (20, 0),
        ("ratings-v1", "mysql:3306"): (38, 0),
    }


@pytest.mark.parametrize("type", [GraphType.APP, GraphType.SERVICE])
def test_an_app_and_a_service_graph_join_the_versions(type: GraphType) -> None:
    found = lines(draw(projection=Projection(type)))

    assert (60, 2) == found["productpage", "reviews"]
    assert (38, 0) == found["reviews", "ratings"]


def test_a_versioned_app_graph_names_app_and_version() -> None:
    found = lines(draw(projection=Projection(GraphType.VERSIONED_APP)))

    assert (20, 2) == found["productpage v1", "reviews v2"]


def test_an_operation_graph_has_the_operation_between_caller_and_callee() -> None:
    found = lines(draw(projection=Projection(GraphType.OPERATION)))

    assert (60, 2) == found["productpage", "reviews:9080/*"]
    assert (60, 2) == found["reviews:9080/*", "reviews"]
    assert (38, 0) == found["ratings", "SELECT ratings"]


def test_gateways_can_be_passed_through() -> None:
    graph = draw(projection=Projection(view=View.NEITHER))

    assert (Via.GATEWAY,) == between(graph, "ingress", "productpage-v1").via
    assert "istio-ingressgateway" not in {node.label for node in graph.nodes}


def test_a_gateway_known_by_its_address_only_is_unknown_where_gateways_are_passed_through() -> None:
    groups: list[tuple[EdgeKey, CallGroup]] = [(edge(GATEWAY, DETAILS), {})]

    assert [("istio-ingressgateway", "details-v1")] == list(lines(small(*groups)))
    assert [("unknown", "details-v1")] == list(lines(small(*groups, view=View.NEITHER)))


def test_places_without_edges_stay_as_nodes() -> None:
    lonely = node(draw(), "lonely-v1")

    assert (None, None, False, False) == (
        lonely.inbound,
        lonely.outbound,
        lonely.is_root,
        lonely.is_idle,
    )
    assert HealthStatus.NA is lonely.health.status


def test_places_seen_earlier_are_idle_nodes() -> None:
    graph = draw(idle=[workload("old"), PRODUCTPAGE])

    assert ["old-v1"] == [node.label for node in graph.nodes if node.is_idle]


def test_traffic_of_an_edge_has_rate_share_latencies_sizes_and_outcomes() -> None:
    found = between(draw(), "productpage-v1", "details-v1")

    assert 1.0 == found.traffic.rate
    assert 0.5 == found.share
    assert 1.0 == found.mtls
    assert "spiffe://c1/ns/default/sa/pp" == found.source_principal
    assert found.traffic.client is not None
    assert found.traffic.server is not None
    assert 6e6 == found.traffic.client.mean_ns
    assert 4e6 == pytest.approx(found.traffic.server.p99_ns, rel=0.05)
    assert (6000, 60_000) == (found.traffic.request_bytes, found.traffic.response_bytes)
    assert [("200", "-", "details.default.svc.cluster.local", 60)] == [
        (one.code, one.flags, one.host, one.calls) for one in found.traffic.outcomes
    ]


def test_outcomes_are_those_that_the_caller_saw_and_most_calls_come_first() -> None:
    found = between(draw(), "productpage-v1", "reviews-v2").traffic

    assert [("200", "-", 18, 0), ("503", "UH", 2, 2)] == [
        (one.code, one.flags, one.calls, one.errors) for one in found.outcomes
    ]
    assert 0.1 == found.error_ratio


def test_a_node_adds_up_what_it_received_and_sent() -> None:
    ratings = node(draw(), "ratings-v1")

    assert ratings.inbound is not None
    assert ratings.outbound is not None
    assert (38, 38) == (ratings.inbound.calls, ratings.outbound.calls)


def test_the_traffic_of_the_same_calls_is_counted_once() -> None:
    graph = small(
        (edge(PRODUCTPAGE, DETAILS), {"calls": 3, "errors": 1, "client_ms": 7}),
        (edge(REVIEWS[0], DETAILS), {"calls": 2, "client_ms": 9}),
    )

    sent, details = node(graph, "productpage-v1").outbound, node(graph, "details-v1").inbound
    assert sent is between(graph, "productpage-v1", "details-v1").traffic
    assert sent is not None
    assert details is not None
    assert (3, 5) == (sent.calls, details.calls)


def test_roots_call_others_and_are_called_by_nobody() -> None:
    assert ["ingress"] == [node.label for node in draw().nodes if node.is_root]


def test_hosts_of_a_node_are_those_it_was_called_by() -> None:
    graph = draw(projection=Projection(GraphType.APP))

    assert ("reviews.default.svc.cluster.local",) == node(graph, "reviews").hosts


def test_a_service_known_by_name_only_joins_its_workloads_where_nodes_are_services() -> None:
    named = Place(PlaceKind.SERVICE, "c1", "default", "reviews", name="reviews.default")
    table = edge_table([(edge(PRODUCTPAGE, REVIEWS[0]), {}), (failed(PRODUCTPAGE, named), {})])

    by_workload = draw(table, NOTHING)
    by_service = draw(table, NOTHING, Projection(GraphType.SERVICE))
    assert PlaceKind.SERVICE is node(by_workload, "reviews").kind
    assert PlaceKind.WORKLOAD is node(by_service, "reviews").kind
    assert {("productpage", "reviews"): (2, 0)} == lines(by_service)


def test_equal_names_in_two_namespaces_or_clusters_are_two_nodes() -> None:
    there = workload("details", namespace="other")
    abroad = replace(DETAILS, cluster="c2")
    table = edge_table([(edge(PRODUCTPAGE, one), {}) for one in (DETAILS, there, abroad)])

    for grain in GraphType:
        graph = draw(table, NOTHING, Projection(grain))
        found = [one for one in graph.nodes if one.service == "details" and not one.operation]
        assert 3 == len(found)


def test_protocols_between_two_nodes_are_edges_of_their_own() -> None:
    graph = small(
        (edge(PRODUCTPAGE, DETAILS), {"calls": 3}),
        (edge(PRODUCTPAGE, DETAILS, protocol=Protocol.GRPC, grpc_status="0"), {"calls": 2}),
    )

    assert [(Protocol.GRPC, 2, 1.0), (Protocol.HTTP, 3, 1.0)] == [
        (one.protocol, one.traffic.calls, one.share) for one in graph.edges
    ]


def test_an_edge_is_inferred_or_asynchronous_only_if_all_its_calls_are() -> None:
    one, other = edge(PRODUCTPAGE, DETAILS), edge(PRODUCTPAGE, DETAILS, inferred=True)
    later = replace(other, asynchronous=True)

    assert [True] == [found.inferred for found in small((other, {}), (later, {})).edges]
    assert [False] == [found.inferred for found in small((one, {}), (other, {})).edges]
    assert [True] == [found.asynchronous for found in small((later, {})).edges]
    assert [False] == [found.asynchronous for found in small((other, {}), (later, {})).edges]


def test_ids_are_the_same_in_another_graph() -> None:
    one, other = draw(), small((edge(PRODUCTPAGE, DETAILS), {}))

    assert between(one, "productpage-v1", "details-v1").id == other.edges[0].id
    assert node(one, "details-v1").id == node(other, "details-v1").id


def test_ids_are_different_whatever_names_hold() -> None:
    """Names come from outside and may hold what is written between them."""
    one = replace(DETAILS, namespace="1:a", service="b")
    other = replace(DETAILS, namespace="1:", service="ab")
    graph = small((edge(PRODUCTPAGE, one), {}), (edge(PRODUCTPAGE, other), {}), type=GraphType.APP)

    assert 3 == len({found.id for found in graph.nodes})


def test_boxes_are_nested_and_app_boxes_hold_two_nodes_or_more() -> None:
    graph = draw(projection=Projection(GraphType.VERSIONED_APP, boxes=tuple(BoxKind)))
    boxes = {box.id: box for box in graph.boxes}

    def chain(box: str) -> list[tuple[BoxKind, str]]:
        return [] if not box else [*chain(boxes[box].box), (boxes[box].kind, boxes[box].label)]

    default = [(BoxKind.CLUSTER, "c1"), (BoxKind.NAMESPACE, "default")]
    assert [*default, (BoxKind.APP, "reviews")] == chain(node(graph, "reviews v1").box)
    assert default == chain(node(graph, "details v1").box)
    assert [] == chain(node(graph, "mysql:3306").box)


def test_an_estimate_says_so_with_its_standard_error() -> None:
    graph = small((edge(PRODUCTPAGE, DETAILS), {"calls": 4, "errors": 1, "probability": 0.1}))
    (found,) = graph.edges

    assert graph.is_estimate
    assert (4, 40.0, 10.0) == (
        found.traffic.calls,
        found.traffic.estimated,
        found.traffic.estimated_errors,
    )
    assert (4 * 10 * 9) ** 0.5 == pytest.approx(found.traffic.standard_error)
    assert 40 / 60 == pytest.approx(found.traffic.rate)
    assert not draw().is_estimate


def test_what_is_not_settled_is_provisional() -> None:
    assert [MINUTE_NS, 10, 0] == [
        draw(settled_ns=settled).provisional_ns for settled in (MINUTE_NS + 5, 10, -10)
    ]


def test_exemplars_are_the_slowest_call_and_the_latest_error() -> None:
    graph = small(
        (edge(PRODUCTPAGE, DETAILS), {"client_ms": 5, "trace": 7}),
        (failed(PRODUCTPAGE, DETAILS), {"errors": 1, "client_ms": 2, "trace": 9, "start_ns": 3}),
    )
    (traffic,) = (one.traffic for one in graph.edges)

    assert traffic.slowest is not None
    assert traffic.latest_error is not None
    assert (f"{7:032x}", 5_000_000) == (traffic.slowest.trace_id, traffic.slowest.value_ns)
    assert (f"{9:032x}", 3) == (traffic.latest_error.trace_id, traffic.latest_error.value_ns)


def test_nothing_at_all_is_an_empty_graph() -> None:
    graph = draw(merge_edges([]), NOTHING)

    assert ((), (), ()) == (graph.nodes, graph.edges, graph.boxes)


PLACES = st.one_of(
    st.sampled_from([INGRESS, MYSQL, GATEWAY, LONELY, *REVIEWS]),
    st.builds(
        Place,
        st.sampled_from([PlaceKind.WORKLOAD, PlaceKind.SERVICE]),
        st.sampled_from(["", "c1"]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["", "v1"]),
        st.sampled_from(["", "w"]),
        st.sampled_from(["x.a", "x"]),
    ),
)
EDGES = st.lists(
    st.tuples(
        st.builds(
            EdgeKey,
            PLACES,
            PLACES,
            st.sampled_from(["", "GET /", "POST /"]),
            protocol=st.sampled_from(Protocol),
            views=st.integers(1, 15),
            source_code=st.sampled_from(["", "200", "500", "-"]),
        ),
        st.builds(
            lambda calls, errors: CallGroup(calls=calls, errors=min(calls, errors)),
            st.integers(1, 5),
            st.integers(0, 5),
        ),
    ),
    max_size=12,
)


@given(EDGES, st.sampled_from(View))
def test_the_sums_are_equal_in_every_type(
    groups: Sequence[tuple[EdgeKey, CallGroup]], view: View
) -> None:
    """Rule G47."""
    expected = [
        sum(group.get(part, 0) for key, group in groups if key.views & view)  # type: ignore[misc]
        for part in ("calls", "errors")
    ]

    for grain in GraphType:
        graph = draw(edge_table(groups), NOTHING, Projection(grain, view))
        between = {node.id for node in graph.nodes if node.operation}
        counted = [one.traffic for one in graph.edges if one.source not in between]
        outcomes = [one for traffic in counted for one in traffic.outcomes]
        into = [n.inbound for n in graph.nodes if n.inbound and n.id not in between]
        out = [n.outbound for n in graph.nodes if n.outbound and n.id not in between]
        for found in (counted, outcomes, into, out):
            assert expected == [sum(one.calls for one in found), sum(one.errors for one in found)]


def test_an_operation_without_a_name_is_unknown() -> None:
    graph = small((edge(PRODUCTPAGE, DETAILS, operation=""), {}), type=GraphType.OPERATION)

    assert [("productpage", "unknown"), ("unknown", "details")] == list(lines(graph))


def test_waypoints_with_spans_are_nodes_only_where_they_are_drawn() -> None:
    waypoint = replace(GATEWAY, kind=PlaceKind.WAYPOINT, workload="waypoint")
    spans = (waypoint,)

    for view in View:
        graph = draw(merge_edges([]), spans, Projection(view=view))
        drawn = view in (View.WAYPOINTS, View.GATEWAYS_WAYPOINTS)
        assert (["waypoint"] if drawn else []) == [node.label for node in graph.nodes]
