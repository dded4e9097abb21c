"""The parts of an expression, and what they select of a graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from model.graph.filters import FocusDirection, is_named, reached
from model.graph.operands import (
    EDGE_NUMBERS,
    EDGE_TEXTS,
    EDGE_WORDS,
    NODE_NUMBERS,
    NODE_TEXTS,
    NODE_WORDS,
    Elements,
)
from model.graph.view import HealthStatus

__all__ = [
    "NUMBER_OPERATORS",
    "TEXT_OPERATORS",
    "Both",
    "Either",
    "Not",
    "NumberTerm",
    "ReachTerm",
    "Selection",
    "Subject",
    "Term",
    "TextTerm",
    "WordTerm",
    "select",
    "subjects",
]

Selection = frozenset[str]
"""Ids of nodes or edges."""


class Subject(StrEnum):
    """What a term is about."""

    NODES = "nodes"
    EDGES = "edges"


NUMBER_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "*=": operator.contains,
    "^=": str.startswith,
    "$=": str.endswith,
}
"""Each may be negated by a ``!`` before it."""


@dataclass(frozen=True, slots=True)
class TextTerm:
    """``name *= reviews``; negated, none of the element's texts may match."""

    subject: Subject
    operand: str
    operator: str
    negated: bool
    value: str


@dataclass(frozen=True, slots=True)
class NumberTerm:
    """``rt > 100``; ``value`` None is NaN: equal to what is not told."""

    subject: Subject
    operand: str
    operator: str
    value: float | None


@dataclass(frozen=True, slots=True)
class WordTerm:
    """``idle``, ``mtls``. Not ``healthy`` is degraded or failing, and never without traffic."""

    subject: Subject
    word: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ReachTerm:
    """``downstream of productpage``: what it calls, directly or not, without itself."""

    way: FocusDirection
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The others of what ``term``, which has one subject, is about."""

    term: Term


@dataclass(frozen=True, slots=True)
class Both:
    """AND; all terms are about the same one subject."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """OR, of any subjects."""

    terms: tuple[Term, ...]


Term = TextTerm | NumberTerm | WordTerm | ReachTerm | Not | Both | Either


def subjects(term: Term) -> frozenset[Subject]:
    """Return what ``term`` is about; both only if it has an OR."""
    match term:
        case ReachTerm():
            return frozenset((Subject.NODES,))
        case Not():
            return subjects(term.term)
        case Both() | Either():
            return frozenset(subject for one in term.terms for subject in subjects(one))
        case _:
            return frozenset((term.subject,))


def select(term: Term, elements: Elements, subject: Subject) -> Selection:
    """Return the ids of the nodes, or of the edges, that match; none if it is not about them."""
    if subject not in subjects(term):
        return frozenset()
    match term:
        case Not():
            graph = elements.graph
            every = graph.nodes if subject is Subject.NODES else graph.edges
            return frozenset(one.id for one in every) - select(term.term, elements, subject)
        case Both():
            return frozenset.intersection(*(select(one, elements, subject) for one in term.terms))
        case Either():
            return frozenset[str]().union(*(select(one, elements, subject) for one in term.terms))
        case ReachTerm():
            start = {node.id for node in elements.graph.nodes if is_named(node, term.name)}
            return frozenset(reached(elements.graph, start, None, term.way)[0] - start)
        case TextTerm():
            return _by_text(term, elements)
        case NumberTerm():
            return _by_number(term, elements)
        case WordTerm():
            return _by_word(term, elements)


def _by_text(term: TextTerm, elements: Elements) -> Selection:
    compare = TEXT_OPERATORS[term.operator]

    def matches(texts: Iterable[str]) -> bool:
        return any(compare(text, term.value) for text in texts) is not term.negated

    graph = elements.graph
    if term.subject is Subject.NODES:
        of_node = NODE_TEXTS[term.operand]
        return frozenset(node.id for node in graph.nodes if matches(of_node(elements, node)))
    of_edge = EDGE_TEXTS[term.operand]
    return frozenset(edge.id for edge in graph.edges if matches(of_edge(elements, edge)))


def _by_number(term: NumberTerm, elements: Elements) -> Selection:
    compare, value = NUMBER_OPERATORS[term.operator], term.value

    def matches(number: float | None) -> bool:
        if value is None:
            return (number is None) is (term.operator == "=")
        return number is not None and compare(number, value)

    graph = elements.graph
    if term.subject is Subject.NODES:
        of_node = NODE_NUMBERS[term.operand]
        return frozenset(node.id for node in graph.nodes if matches(of_node(elements, node)))
    of_edge = EDGE_NUMBERS[term.operand]
    return frozenset(edge.id for edge in graph.edges if matches(of_edge(elements, edge)))


def _by_word(term: WordTerm, elements: Elements) -> Selection:
    graph = elements.graph
    if term.subject is Subject.EDGES:
        of_edge = EDGE_WORDS[term.word]
        return frozenset(
            edge.id for edge in graph.edges if of_edge(elements, edge) is not term.negated
        )
    of_node = NODE_WORDS[term.word]
    judged = term.negated and term.word == "healthy"
    return frozenset(
        node.id
        for node in graph.nodes
        if of_node(elements, node) is not term.negated
        and not (judged and node.health.status is HealthStatus.NA)
    )
