from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from api.shapes.pages import dotviz_page
from api.shapes.service_graph import EdgeFilter, service_graph
from model.graph.view import Graph, GraphType
from tests.api.shapes.graphs import bookinfo, graph, named


def drawing(drawn: Graph) -> ET.Element:
    page = dotviz_page(service_graph(drawn, EdgeFilter(), ["static"]))
    return ET.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])


def boxes(svg: ET.Element) -> list[tuple[float, ...]]:
    return [
        tuple(float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        for box in svg.iter("rect")
    ]


def test_boxes_neither_overlap_nor_leave_the_drawing() -> None:
    svg = drawing(bookinfo(GraphType.WORKLOAD))
    found = boxes(svg)
    wide, high = float(svg.attrib["width"]), float(svg.attrib["height"])

    assert 13 == len(found)
    assert [] == [
        pair
        for pair in combinations(found, 2)
        if abs(pair[0][0] - pair[1][0]) < min(pair[0][2], pair[1][2])
        and abs(pair[0][1] - pair[1][1]) < pair[0][3]
    ]
    assert [] == [box for box in found if box[0] + box[2] > wide or box[1] + box[3] > high]


def test_calls_lead_to_the_right() -> None:
    svg = drawing(bookinfo(GraphType.WORKLOAD))
    left = {
        group.findtext("title"): float(group.find("rect").attrib["x"])
        for group in svg.iter("g")
        if group.find("rect") is not None
    }

    assert (
        left["ingress (unknown)"]
        < left["istio-ingressgateway (istio-ingressgateway)"]
        < left["productpage (productpage-v1)"]
        < left["reviews (reviews-v2)"]
        < left["ratings (ratings-v1)"]
        < left["mysql:3306 (unknown)"]
    )


@pytest.mark.parametrize("text", ["<b>", '"', "a&b", "x" * 500, "]]>"])
def test_any_name_is_drawn_as_text(text: str) -> None:
    svg = drawing(named(text))

    assert f"{text} ({text})" in {group.findtext("title") for group in svg.iter("g")}
    assert {"svg", "defs", "marker", "path", "g", "title", "rect", "text"} == {
        each.tag for each in svg.iter()
    }


def test_an_empty_graph_is_a_page() -> None:
    assert 1 == len(boxes(drawing(graph([]))))
