import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.shapes.dot import dot
from api.shapes.labels import HEALTH_COLOURS
from model.graph.view import HealthStatus
from tests.api.shapes.dot_syntax import DotSyntaxError, parse_dot
from tests.api.shapes.graphs import bookinfo, edge, graph, named, node, traffic
from tests.api.shapes.graphs import ok as fine

HOSTILE = ['a"b', "a\\", 'a\\"', "a\nb", "</script>", "&lt;", "a;b}", "日本", "\\N", "end"]


def test_the_check_finds_text_that_is_no_dot() -> None:
    for wrong in ('digraph "a" {', 'digraph "a" { "b }', 'digraph "a" { "b" "c" }', "graph {}"):
        with pytest.raises((DotSyntaxError, IndexError)):
            parse_dot(wrong)


def test_nodes_edges_and_boxes_are_those_of_the_graph() -> None:
    drawn, read = bookinfo(), parse_dot(dot(bookinfo()))

    assert {each.id for each in drawn.nodes} == read.nodes.keys()
    assert {(each.source, each.target) for each in drawn.edges} == read.edges.keys()
    assert ["04r1", "05r2", "06r3"] == read.subgraphs["cluster_b-rev"]
    assert {"cluster_b-def", "cluster_b-sys", "cluster_b-rev"} == read.subgraphs.keys()


def test_edges_tell_rate_errors_and_p95() -> None:
    read = parse_dot(dot(bookinfo()))

    assert "0.4/s, 20% errors, p95 5 ms" == read.edges["05r2", "07ra"]["label"]
    assert "1/s, p95 8 ms" == read.edges["02pp", "03de"]["label"]


def test_colours_tell_health_and_tooltips_why() -> None:
    read = parse_dot(dot(bookinfo()))

    assert HEALTH_COLOURS[HealthStatus.FAILURE] == read.nodes["07ra"]["color"]
    assert "25% of 40 requests got 500" == read.nodes["07ra"]["tooltip"]
    assert HEALTH_COLOURS[HealthStatus.HEALTHY] == read.edges["02pp", "03de"]["color"]


def test_messages_are_dashed_and_guesses_dotted() -> None:
    calls = traffic(fine(1))
    drawn = graph(
        [node("a", "a"), node("b", "b"), node("c", "c")],
        [edge("a", "b", calls, asynchronous=True), edge("b", "c", calls, inferred=True)],
    )
    read = parse_dot(dot(drawn))

    assert ("dashed", "dotted") == tuple(each["style"] for each in read.edges.values())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_breaks_the_syntax(text: str) -> None:
    read = parse_dot(dot(named(text)))
    shown = text.replace("\n", "\ufffd")

    assert [shown] == list(read.nodes)
    assert [(shown, shown)] == list(read.edges)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_any_name_is_the_label_again(text: str) -> None:
    text = text.replace("\\n", "n")  # which a reader cannot tell from a line feed, as here
    printable = "".join(each if each.isprintable() else "\ufffd" for each in text)
    written = dot(named(text)).splitlines()
    line = next(each for each in written if "shape=" in each)

    parse_dot("\n".join(written))
    assert line.count('"') >= 8
    assert printable in html.unescape(line.replace('\\"', '"').replace("\\\\", "\\"))


def test_an_empty_graph_is_a_digraph_too() -> None:
    assert {} == parse_dot(dot(graph([]))).nodes
