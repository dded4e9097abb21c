import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.shapes.mermaid import mermaid
from tests.api.shapes.graphs import bookinfo, graph, named

NODE = re.compile(
    r'  (?:  )*n\d+(\[\("|\(\["|\(\("|\{\{"|\[/"|>"|\[")([^"]*)("\)\]|"\]\)|"\)\)|"\}\}|"/\]|"\])'
)
EDGE = re.compile(r'  n\d+ (-->|-\.->)\|"[^"]*"\| n\d+')
OTHER = re.compile(
    r'flowchart LR|(  )+subgraph b\d+\["[^"]*"\]|(  )+end'
    r"|  classDef [a-z]+ stroke:#[0-9a-f]{6},stroke-width:2px|  class [n0-9,]+ [a-z]+"
    r"|  linkStyle [0-9,]+ stroke:#[0-9a-f]{6}"
)


def check(text: str) -> None:
    """Every line is one of the few that we write."""
    for line in text.splitlines():
        assert NODE.fullmatch(line) or EDGE.fullmatch(line) or OTHER.fullmatch(line), line


def test_bookinfo_is_made_of_known_lines() -> None:
    text = mermaid(bookinfo())

    check(text)
    assert len(bookinfo().nodes) == sum(bool(NODE.fullmatch(each)) for each in text.splitlines())
    assert len(bookinfo().edges) == sum(bool(EDGE.fullmatch(each)) for each in text.splitlines())


@pytest.mark.parametrize(
    "text", ['a"b', "a`b", "%%{init: {}}%%", "<script>", "#quot;", "a\nend", "]-->", "click"]
)
def test_nothing_that_mermaid_reads_is_left_of_a_name(text: str) -> None:
    drawn = mermaid(named(text))

    check(drawn)
    for sign in '`<>{}%\n"'.replace("\n", ""):
        assert sign not in drawn.splitlines()[2].removeprefix('    n0["').removesuffix(
            '"]'
        ).replace("<br/>", "")


@given(st.text(min_size=1))
def test_any_name_gives_known_lines(text: str) -> None:
    check(mermaid(named(text)))


def test_signs_are_written_by_number() -> None:
    assert 'n0["a#34;b"]' in mermaid(named('a"b'))


def test_an_empty_graph_is_a_flowchart_too() -> None:
    assert "flowchart LR\n" == mermaid(graph([]))
