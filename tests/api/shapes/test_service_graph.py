import pytest

from api.shapes.service_graph import EdgeFilter, d3_document, dot_text, service_graph
from model.graph.edge import Protocol
from model.graph.view import GraphType
from tests.api.shapes.dot_syntax import parse_dot
from tests.api.shapes.graphs import bookinfo, edge, graph, named, node, ok, traffic

BOOKINFO = bookinfo(GraphType.WORKLOAD)


def ends(wanted: EdgeFilter) -> list[tuple[str, str]]:
    return [(each.source, each.target) for each in service_graph(BOOKINFO, wanted).edges]


def test_nodes_are_named_app_and_workload() -> None:
    names = service_graph(BOOKINFO, EdgeFilter()).nodes

    assert {"reviews (reviews-v2)", "ingress (unknown)", "mysql:3306 (unknown)"} <= names.keys()


def test_rates_have_six_decimals() -> None:
    first = service_graph(BOOKINFO, EdgeFilter()).edges[0]

    assert {"reqs/sec": "1.000000"} == first.labels


def test_tcp_is_told_in_bytes() -> None:
    calls = traffic(ok(1, Protocol.TCP), request_bytes=12345)
    drawn = graph([node("a", "a"), node("b", "b")], [edge("a", "b", calls, Protocol.TCP)])

    assert {"bytes/sec": "123.450000"} == service_graph(drawn, EdgeFilter()).edges[0].labels


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            EdgeFilter(source_workload="reviews-v2"),
            [("reviews (reviews-v2)", "ratings (ratings-v1)")],
        ),
        (
            EdgeFilter(destination_namespace="istio-system"),
            [("ingress (unknown)", "istio-ingressgateway (istio-ingressgateway)")],
        ),
        (
            EdgeFilter(source_namespace="default", destination_workload="details-v1"),
            [("productpage (productpage-v1)", "details (details-v1)")],
        ),
        (
            EdgeFilter(source_namespace="unknown"),
            [("ingress (unknown)", "istio-ingressgateway (istio-ingressgateway)")],
        ),
        (EdgeFilter(source_workload="nobody"), []),
    ],
)
def test_edges_are_chosen_by_their_ends(
    wanted: EdgeFilter, expected: list[tuple[str, str]]
) -> None:
    assert expected == ends(wanted)


def test_nodes_of_edges_that_are_not_wanted_are_left_out() -> None:
    found = service_graph(BOOKINFO, EdgeFilter(destination_workload="details-v1"), ["mine"])

    assert ["details (details-v1)", "mine", "productpage (productpage-v1)"] == list(found.nodes)


def test_filter_empty_leaves_out_what_is_idle() -> None:
    everything = service_graph(BOOKINFO, EdgeFilter()).nodes
    active = service_graph(BOOKINFO, EdgeFilter(filter_empty=True)).nodes

    assert {"cron (cron-v1)"} == everything.keys() - active.keys()


def test_d3_counts_nodes() -> None:
    document = service_graph(BOOKINFO, EdgeFilter())
    counted = d3_document(document)
    named_again = [
        (counted.nodes[link.source].name, counted.nodes[link.target].name) for link in counted.links
    ]

    assert [(each.source, each.target) for each in document.edges] == named_again


@pytest.mark.parametrize("text", ['a"b', "a\\", "a/b.c d", "</pre>"])
def test_dot_is_dot_whatever_the_names(text: str) -> None:
    read = parse_dot(dot_text(service_graph(named(text), EdgeFilter())))
    shown = f"{text} ({text})".translate(str.maketrans("/. ", "___"))

    assert ("istio-servicegraph", [shown]) == (read.name, list(read.nodes))
