"""Find and hide: the language, its errors, and what it selects of Bookinfo's graph."""

from __future__ import annotations

import json
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.graph.edge import Protocol
from model.graph.expression import ExpressionError, hide, parse_expression
from model.graph.filters import FocusDirection
from model.graph.grammar import MAX_NESTING, MAX_TERMS, parse_term
from model.graph.operands import (
    EDGE_NUMBERS,
    EDGE_TEXTS,
    EDGE_WORDS,
    NODE_NUMBERS,
    NODE_TEXTS,
    NODE_WORDS,
)
from model.graph.place import Place, PlaceKind
from model.graph.project import Projection, project
from model.graph.terms import (
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Both,
    Either,
    Not,
    NumberTerm,
    ReachTerm,
    Subject,
    Term,
    TextTerm,
    WordTerm,
)
from model.graph.view import Graph, GraphType
from tests.graph.bookinfo import (
    DETAILS,
    PRODUCTPAGE,
    bookinfo_edges,
    bookinfo_places,
    edge,
    workload,
)
from tests.graph.tables import edge_table


def bookinfo(type: GraphType = GraphType.WORKLOAD) -> Graph:
    return project(
        bookinfo_edges(),
        bookinfo_places(),
        0,
        60_000_000_000,
        Projection(type),
        idle=[workload("old")],
    )


BOOKINFO = bookinfo()


def nodes(text: str, graph: Graph = BOOKINFO, namespaces: Collection[str] = ()) -> list[str]:
    found = parse_expression(text).nodes(graph, namespaces)
    return [node.label for node in graph.nodes if node.id in found]


def edges(text: str, graph: Graph = BOOKINFO) -> list[tuple[str, str]]:
    labels = {node.id: node.label for node in graph.nodes}
    found = parse_expression(text).edges(graph)
    return [(labels[edge.source], labels[edge.target]) for edge in graph.edges if edge.id in found]


REVIEWS = ["reviews-v1", "reviews-v2", "reviews-v3"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("workload = reviews-v1", ["reviews-v1"]),
        ("wl=reviews-v1", ["reviews-v1"]),
        ("app = reviews", REVIEWS),
        ("svc *= view", REVIEWS),
        ("service contains view", REVIEWS),
        ("name ^= rev", REVIEWS),
        ("name startswith rev", REVIEWS),
        ("workload $= -v3", ["reviews-v3"]),
        ("WORKLOAD ENDSWITH -v3", ["reviews-v3"]),
        ("app = reviews and version != v2", ["reviews-v1", "reviews-v3"]),
        ("app = reviews AND version !*= 2", ["reviews-v1", "reviews-v3"]),
        ("app = reviews AND version not contains 2", ["reviews-v1", "reviews-v3"]),
        ("app = reviews AND NOT version = v2", ["reviews-v1", "reviews-v3"]),
        ("ns = attic", ["lonely-v1"]),
        ("cluster = c1 AND namespace = istio-system", ["istio-ingressgateway"]),
        ("kind = database", ["mysql:3306"]),
        ("kind = database OR kind = ingress", ["ingress", "mysql:3306"]),
        ("node = service", ["ingress", "mysql:3306"]),
        ("node = workload AND app = ratings", ["ratings-v1"]),
        ("node = op", []),
        ("idle", ["old-v1"]),
        ("is idle", ["old-v1"]),
        ("trafficsource", ["ingress"]),
        ("root", ["ingress"]),
        ("! healthy", ["productpage-v1", "reviews-v2"]),
        ("not healthy", ["productpage-v1", "reviews-v2"]),
        ("healthy AND app = reviews", ["reviews-v1", "reviews-v3"]),
        ("httpin > 0.9", ["details-v1", "istio-ingressgateway", "productpage-v1"]),
        ("httpin = NaN AND node = workload", ["lonely-v1", "old-v1"]),
        ("httpout != nan AND app = reviews", ["reviews-v2", "reviews-v3"]),
        ("rank = 1", ["productpage-v1"]),
        ("rank <= 2", ["productpage-v1", "ratings-v1"]),
        (
            "upstream of ratings",
            ["ingress", "istio-ingressgateway", "productpage-v1", *REVIEWS[1:]],
        ),
        ("downstream of reviews", ["mysql:3306", "ratings-v1"]),
        ("downstream of reviews-v1", []),
        (
            "(app = reviews OR app = details) AND ! (version = v1)",
            ["reviews-v2", "reviews-v3"],
        ),
        ("app = reviews OR app = details AND version = v9", REVIEWS),
        ("(app = reviews OR app = details) AND version = v9", []),
        ('name = "mysql:3306"', ["mysql:3306"]),
        ("sidecar AND ! node = workload", ["ingress", "mysql:3306"]),
    ],
)
def test_nodes_that_match(text: str, labels: list[str]) -> None:
    assert labels == nodes(text)


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("%httperr > 5", ["reviews-v2"]),
        ("httperr > 5", ["reviews-v2"]),
        ("%error >= 10", ["reviews-v2"]),
        ("%grpcerr >= 0", []),
        ("rt > 50", ["istio-ingressgateway", "productpage-v1"]),
        ("p50 < 3", ["mysql:3306"]),
        ("p99 < 3", ["mysql:3306"]),
        ("responsetime < 3", ["mysql:3306"]),
        ("http > 0.9 AND rt < 10", ["details-v1"]),
        ("http = NaN", ["mysql:3306"]),
        ("protocol = database", ["mysql:3306"]),
        ("throughput > 99", ["details-v1"]),
        ("throughput != NaN", ["details-v1"]),
        ("mtls", ["details-v1"]),
        ("has mtls", ["details-v1"]),
        ("sourceprincipal $= /pp", ["details-v1"]),
        ("%httptraffic = 50", ["details-v1"]),
        ("traffic AND rate < 0.31", ["ratings-v1"]),
        ("! traffic", []),
        ("tcp != NaN", []),
    ],
)
def test_edges_that_match(text: str, targets: list[str]) -> None:
    assert targets == [target for _, target in edges(text)]


def test_nodes_and_edges_may_be_joined_by_or() -> None:
    text = "idle OR mtls"

    assert (["old-v1"], [("productpage-v1", "details-v1")]) == (nodes(text), edges(text))


def test_nodes_of_other_namespaces_than_asked_for_are_outside() -> None:
    assert ["istio-ingressgateway", "lonely-v1"] == nodes(
        "outside AND node = workload", namespaces=["default"]
    )
    assert [] == nodes("outside")


def test_node_says_what_kiali_calls_a_node() -> None:
    assert ["details v1", "istio-ingressgateway latest", "lonely v1"] == nodes(
        "node = app", bookinfo(GraphType.VERSIONED_APP)
    )[:3]
    assert "reviews" in nodes("node = svc", bookinfo(GraphType.SERVICE))
    assert "SELECT ratings" in nodes("node = operation", bookinfo(GraphType.OPERATION))
    unknown = Place(PlaceKind.UNKNOWN, name="unknown")
    table = edge_table([(edge(unknown, DETAILS), {})])
    graph = project(table, (), 0, 1, Projection())
    assert ["unknown"] == nodes("node = unknown", graph) == nodes("name = unknown", graph)


def test_flags_tell_of_configuration() -> None:
    table = edge_table(
        [
            (edge(PRODUCTPAGE, DETAILS, source_flags=flags, protocol=protocol), {})
            for flags, protocol in (("UO,URX", Protocol.HTTP), ("UT", Protocol.GRPC))
        ]
    )
    graph = project(table, (), 0, 1, Projection())

    both = ["details-v1", "productpage-v1"]
    assert [both, both, []] == [nodes(text, graph) for text in ("cb", "has rto", "fi")]


def test_a_service_that_every_call_failed_to_reach_is_dead() -> None:
    gone = Place(PlaceKind.SERVICE, "c1", "default", "gone", name="gone.default")
    table = edge_table(
        [(edge(PRODUCTPAGE, gone), {"errors": 1}), (edge(PRODUCTPAGE, DETAILS), {"errors": 1})]
    )
    graph = project(table, (), 0, 1, Projection())

    assert ["gone"] == nodes("dead", graph) == nodes("outofmesh", graph)


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("", 0, "here is the end", ""),
        ("idle AND", 8, "here is the end", ""),
        ("idle idle", 5, "'idle' is too much", "AND or OR"),
        ("healty", 0, "healty is no word", "did you mean healthy?"),
        ("is", 2, "nothing is no word", "there are"),
        ("zzz = red", 0, "zzz is no operand", "there are"),
        ("namespce = x", 0, "namespce is no operand", "did you mean namespace?"),
        ("rt", 2, "rt needs an operator", "such as rt = …"),
        ("rt >", 4, "a value is missing", '""'),
        ("rt > 5ms", 5, "'5ms', which is no number", "without a unit"),
        ("rt > NaN", 5, "'NaN', which is no number", "= NaN"),
        ("rt *= 5", 3, "rt is a number", "use = !="),
        ("name > 5", 5, "name is a text", "use = != *="),
        ("(idle", 5, "a closing parenthesis is missing", ""),
        ("idle)", 4, "')' is too much", "AND or OR"),
        ("idle AND mtls", 9, "AND joins something about nodes", "join them by OR"),
        ("idle AND (root OR mtls)", 9, "AND joins something about nodes", "join them by OR"),
        (
            "! (root OR mtls)",
            0,
            "what is negated is about nodes and about edges",
            "each for itself",
        ),
        ("virtualservice", 0, "virtualservice is about configuration", "leave it out"),
        ("label:app = x", 0, "labels are in Kubernetes", "use version"),
        ('name = "x', 7, "a quoted text is not closed", ""),
        ('name = "\\x"', 7, "a quoted text is no JSON string", ""),
        ("( " * 22 + "idle", 42, "parentheses and negations are open", ""),
        (" OR ".join(["idle"] * 101), 800, "at most 100 terms", ""),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(
    text: str, position: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)

    assert position == caught.value.position
    assert message in str(caught.value)
    assert f"(at character {position + 1})" in str(caught.value)
    assert hint in caught.value.hint


def hidden(text: str) -> tuple[set[str], int]:
    graph = hide(BOOKINFO, parse_expression(text))
    before = {node.label for node in BOOKINFO.nodes}
    return before - {node.label for node in graph.nodes}, len(BOOKINFO.edges) - len(graph.edges)


def test_hidden_nodes_take_their_edges_along() -> None:
    assert ({"ratings-v1"}, 3) == hidden("app = ratings")


def test_hidden_edges_take_nodes_along_that_have_no_other() -> None:
    assert ({"mysql:3306"}, 1) == hidden("protocol = database")
    assert ({"details-v1"}, 1) == hidden("mtls")


def test_isolated_nodes_stay_when_edges_are_hidden() -> None:
    graph = hide(BOOKINFO, parse_expression("traffic"))

    assert ["lonely-v1", "old-v1"] == [node.label for node in graph.nodes]


def terms(subject: Subject, depth: int = 3) -> st.SearchStrategy[Term]:
    """Any term about one subject, as the parser makes them."""
    texts, numbers, words = (
        (NODE_TEXTS, NODE_NUMBERS, NODE_WORDS)
        if subject is Subject.NODES
        else (EDGE_TEXTS, EDGE_NUMBERS, EDGE_WORDS)
    )
    values = st.floats(0, 1e6).map(lambda number: round(number, 3))
    leaf = st.one_of(
        st.builds(
            TextTerm,
            st.just(subject),
            st.sampled_from(sorted(texts)),
            st.sampled_from(sorted(TEXT_OPERATORS)),
            st.booleans(),
            st.text(max_size=5),
        ),
        st.builds(
            NumberTerm,
            st.just(subject),
            st.sampled_from(sorted(numbers)),
            st.sampled_from(sorted(NUMBER_OPERATORS)),
            values,
        ),
        st.builds(
            NumberTerm,
            st.just(subject),
            st.sampled_from(sorted(numbers)),
            st.sampled_from(["=", "!="]),
            st.none(),
        ),
        st.builds(WordTerm, st.just(subject), st.sampled_from(sorted(words)), st.booleans()),
    )
    if subject is Subject.NODES:
        ways = st.sampled_from([FocusDirection.UPSTREAM, FocusDirection.DOWNSTREAM])
        leaf = st.one_of(leaf, st.builds(ReachTerm, ways, st.text(min_size=1, max_size=5)))
    if not depth:
        return leaf
    inner = terms(subject, depth - 1)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        leaf,
        st.builds(Both, several),
        st.builds(Either, several),
        inner.filter(lambda term: not isinstance(term, WordTerm)).map(Not),
    )


def written(term: Term) -> str:
    match term:
        case TextTerm():
            mark = "!" if term.negated else ""
            return f"{term.operand} {mark}{term.operator} {json.dumps(term.value)}"
        case NumberTerm():
            value = "NaN" if term.value is None else f"{term.value:f}"
            return f"{term.operand}{term.operator}{value}"
        case WordTerm():
            return f"{'! ' if term.negated else ''}{term.word}"
        case ReachTerm():
            return f"{term.way} of {json.dumps(term.name)}"
        case Not():
            return f"not ({written(term.term)})"
        case Both():
            return " AND ".join(f"({written(one)})" for one in term.terms)
        case Either():
            return " or ".join(f"({written(one)})" for one in term.terms)


@given(st.one_of(terms(Subject.NODES), terms(Subject.EDGES)))
def test_a_term_comes_back_from_its_text(term: Term) -> None:
    assert term == parse_term(written(term))


@given(terms(Subject.NODES), terms(Subject.NODES))
def test_expressions_follow_the_laws_of_sets(one: Term, other: Term) -> None:
    every = {node.id for node in BOOKINFO.nodes}
    left, right = written(one), written(other)

    def found(text: str) -> set[str]:
        return set(parse_expression(text).nodes(BOOKINFO))

    assert found(f"({left}) AND ({right})") == found(left) & found(right)
    assert found(f"({left}) OR ({right})") == found(left) | found(right)
    assert found(f"! (({left}) OR ({right}))") == every - found(left) - found(right)


@given(st.text(max_size=40) | st.text('()!ANDOR idle=rt>5" ', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    position, found = 0, frozenset[str]()
    try:
        expression = parse_expression(text)
        found = expression.nodes(BOOKINFO) | expression.edges(BOOKINFO)
    except ExpressionError as error:
        position = error.position

    assert 0 <= position <= len(text)
    assert found <= {one.id for one in (*BOOKINFO.nodes, *BOOKINFO.edges)}


def test_the_limits_are_within_reach() -> None:
    parse_expression("(" * MAX_NESTING + "idle" + ")" * MAX_NESTING)
    parse_expression(" OR ".join(["idle"] * MAX_TERMS))
