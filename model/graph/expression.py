"""Find and hide: which nodes and edges an expression means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from model.graph.filters import keep
from model.graph.grammar import ExpressionError, parse_term
from model.graph.operands import Elements
from model.graph.terms import Selection, Subject, Term, select
from model.graph.view import Graph

__all__ = ["Expression", "ExpressionError", "hide", "parse_expression"]


def parse_expression(text: str) -> Expression:
    """Return the expression that ``text`` writes, in the language of :mod:`model.graph.grammar`.

    Raises ExpressionError.
    """
    return Expression(parse_term(text))


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    term: Term

    def nodes(self, graph: Graph, namespaces: Collection[str] = ()) -> Selection:
        """Return the ids of the nodes that match; of ``namespaces`` nodes may be outside."""
        return select(self.term, Elements(graph, namespaces), Subject.NODES)

    def edges(self, graph: Graph, namespaces: Collection[str] = ()) -> Selection:
        """Return the ids of the edges that match."""
        return select(self.term, Elements(graph, namespaces), Subject.EDGES)


def hide(graph: Graph, expression: Expression, namespaces: Collection[str] = ()) -> Graph:
    """Return the graph without what matches, as Kiali hides.

    Edges of hidden nodes go with them, and nodes whose every edge is hidden go with those.
    """
    hidden = expression.nodes(graph, namespaces)
    hidden_edges = expression.edges(graph, namespaces)
    edges = {edge.id for edge in graph.edges if edge.id not in hidden_edges}
    had = {end for edge in graph.edges for end in (edge.source, edge.target)}
    has = {end for edge in graph.edges if edge.id in edges for end in (edge.source, edge.target)}
    nodes = {node.id for node in graph.nodes} - hidden - (had - has)
    kept = {
        edge.id
        for edge in graph.edges
        if edge.id in edges and edge.source in nodes and edge.target in nodes
    }
    return keep(graph, nodes, kept)
