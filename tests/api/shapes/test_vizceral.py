from dataclasses import replace

import msgspec
import pytest

from api.shapes.vizceral import INTERNET, vizceral
from model.graph.place import PlaceKind
from tests.api.shapes.graphs import bad, bookinfo, edge, graph, node, ok, traffic, virtual


def document(drawn):
    return msgspec.json.decode(msgspec.json.encode(vizceral(drawn)))


def region(drawn, name="cluster-1"):
    return next(each for each in document(drawn)["nodes"] if each["name"] == name)


def pair(calls, **other):
    return graph(
        [node("a", "a", outbound=calls), node("b", "b", inbound=calls)],
        [edge("a", "b", calls, **other)],
    )


def test_the_internet_reaches_the_mesh_through_the_gateway() -> None:
    found = document(bookinfo())

    assert ("global", INTERNET) == (found["renderer"], found["entryNode"])
    assert [
        {
            "source": INTERNET,
            "target": "cluster-1",
            "metrics": {"normal": 0.95, "warning": 0.0, "danger": 0.05},
        }
    ] == [
        {key: each[key] for key in ("source", "target", "metrics")} for each in found["connections"]
    ]
    assert (INTERNET, "istio-ingressgateway") in {
        (each["source"], each["target"]) for each in region(bookinfo())["connections"]
    }


def test_everything_drawn_has_a_numeric_volume_and_exists() -> None:
    found = document(bookinfo())
    regions = found["nodes"]
    children = [child for each in regions for child in each["nodes"]]

    assert [] == [each for each in [found, *regions, *children] if not each["maxVolume"] >= 1]
    for each in regions:
        names = {child["name"] for child in each["nodes"]}
        assert {
            end for line in each["connections"] for end in (line["source"], line["target"])
        } <= names
        assert len(names) == len(each["nodes"])


@pytest.mark.parametrize(
    ("outcomes", "severity"),
    [
        ([ok(1000)], []),
        ([ok(991), bad(9)], []),
        ([ok(99), bad(1)], [1]),
        ([ok(96), bad(4)], [1]),
        ([ok(95), bad(5)], [2]),
        ([ok(50), bad(50, "404")], []),
    ],
)
def test_notices_come_at_one_and_five_percent_of_danger(
    outcomes: list[object], severity: list[int]
) -> None:
    (connection,) = region(pair(traffic(*outcomes)))["connections"]

    assert severity == [notice["severity"] for notice in connection["notices"]]


def test_a_notice_tells_the_share() -> None:
    (connection,) = region(pair(traffic(ok(95), bad(5))))["connections"]

    assert "[0.05000] High Error Rate" == connection["notices"][0]["title"]


def test_classes_are_those_of_health() -> None:
    classes = {each["name"]: each["class"] for each in region(bookinfo())["nodes"]}

    assert ("danger", "warning", "normal", "normal") == (
        classes["ratings v1"],
        classes["productpage v1"],
        classes["details v1"],
        classes["cron v1"],
    )


def test_each_cluster_is_a_region_and_calls_between_them_are_at_the_top() -> None:
    calls = traffic(ok(100))
    drawn = graph(
        [node("a", "a", cluster="east"), node("b", "b", cluster="west")],
        [edge("a", "b", calls)],
    )

    assert {INTERNET, "east", "west"} == {each["name"] for each in document(drawn)["nodes"]}
    assert ("east", "west", 1.0) in {
        (each["source"], each["target"], each["metrics"]["normal"])
        for each in document(drawn)["connections"]
    }
    assert {INTERNET, "a", "west/b"} == {each["name"] for each in region(drawn, "east")["nodes"]}
    assert {INTERNET, "b"} == {each["name"] for each in region(drawn, "west")["nodes"]}


def test_edges_of_several_protocols_are_one_connection() -> None:
    calls = traffic(ok(100))
    drawn = pair(calls)
    drawn = replace(drawn, edges=(*drawn.edges, drawn.edges[0]._replace(id="second")))

    assert [2.0] == [each["metrics"]["normal"] for each in region(drawn)["connections"]]


def test_what_tells_no_cluster_is_in_the_mesh() -> None:
    calls = traffic(ok(1))
    drawn = graph(
        [virtual("u", "unknown", PlaceKind.UNKNOWN), node("b", "b", cluster="")],
        [edge("u", "b", calls)],
    )

    assert {INTERNET, "unknown", "b"} == {
        each["name"] for each in region(drawn, "istio-mesh")["nodes"]
    }


def test_the_capacity_stays_while_traffic_varies() -> None:
    volumes = [
        document(pair(traffic(ok(calls))))["nodes"][1]["maxVolume"]
        for calls in (
            1,
            100,
            130,
            240,
            251,
            600,
            99_000,
        )
    ]

    assert [1, 2, 5, 5, 10, 20, 2000] == volumes
