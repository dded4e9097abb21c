"""The dependency graph: ``/graph``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from api.comparison_document import ComparisonDocument, comparison_document
from api.config import ApiConfig
from api.errors import bad_parameter
from api.graph_document import FoundDocument, GraphDocument, graph_document
from api.graph_query import (
    DRAWING,
    FILTERS,
    REPEATED,
    GraphFilter,
    graph_window,
    read_comparison,
    read_drawing,
    read_expression,
    read_filter,
    read_versions,
)
from api.graph_source import GraphSource, Tables
from api.health_config import health_rules
from api.parameters import Parameters
from api.queries import QUERIES, Deadline
from api.responses import JSON, MIN_GZIP_BYTES, Payload, accepts_gzip, render, respond
from api.search_query import WINDOW
from api.shapes import dot, mermaid
from model.graph.compare import compare, only_version
from model.graph.expression import Expression
from model.graph.filters import largest
from model.graph.place import Place
from model.graph.project import Projection
from model.graph.view import Graph
from storage.interface import GraphReader

__all__ = ["Graphs"]

_SECOND_NS = 1_000_000_000
_COMPARISON = ("compare", "compare_versions", "service")
_FORMATS = {"json": "json", "dot": "dot", "mermaid": "mermaid"}
_DRAWN: dict[str, tuple[str, Callable[[Graph], str]]] = {
    "dot": (dot.CONTENT_TYPE, dot.dot),
    "mermaid": (mermaid.CONTENT_TYPE, mermaid.mermaid),
}


@dataclass(frozen=True, slots=True)
class _Question:
    """What one request asks for."""

    from_ns: int
    to_ns: int
    projection: Projection
    part: GraphFilter
    idle: bool
    find: Expression | None
    service: str
    compare: tuple[int, int] | None
    versions: tuple[str, str] | None


class Graphs:
    """Handlers of the resources that answer with the graph.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: GraphReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._source = GraphSource(reader)
        self._config = config
        self._health = health_rules(config.health)
        self._now_ns = now_ns

    async def graph(self, request: web.Request) -> web.StreamResponse:
        """``GET /graph``."""
        single = (*WINDOW, *DRAWING, *FILTERS, *_COMPARISON, "find", "format")
        parameters = Parameters(request.query, single, REPEATED)
        question = self._read(parameters)
        shape = parameters.choice("format", _FORMATS) or "json"
        if shape in _DRAWN:
            for name in ("find", *_COMPARISON):
                if parameters.has(name):
                    raise bad_parameter(name, "is answered in JSON only", "leave out format")

        def work(deadline: Deadline) -> Payload:
            if shape in _DRAWN:
                content_type, encode = _DRAWN[shape]
                body = encode(self._drawn(question, deadline)[0]).encode()
            else:
                content_type = JSON
                body = msgspec.json.encode(self._document(question, deadline))
            gzip = len(body) >= MIN_GZIP_BYTES and accepts_gzip(request)
            return render([body], content_type, gzip=gzip)

        return respond(request, await request.app[QUERIES].run(work))

    def _read(self, parameters: Parameters) -> _Question:
        from_ns, to_ns = graph_window(parameters, self._config, self._now_ns())
        return _Question(
            from_ns,
            to_ns,
            read_drawing(parameters, self._health),
            read_filter(parameters),
            parameters.boolean("idle") or False,
            read_expression(parameters, "find"),
            parameters.text("service"),
            read_comparison(parameters, from_ns, to_ns),
            read_versions(parameters),
        )

    def _document(
        self, question: _Question, deadline: Deadline
    ) -> GraphDocument | ComparisonDocument:
        if question.versions is not None:
            return self._versions(question, question.versions, deadline)
        graph, truncated = self._drawn(question, deadline)
        if question.compare is not None:
            tables = self._source.tables(*question.compare, deadline)
            before, before_truncated = self._bounded(question, tables, set())
            return comparison_document(
                compare(before, graph), before, graph, truncated=(before_truncated, truncated)
            )
        return graph_document(graph, truncated=truncated, found=_found(question, graph))

    def _versions(
        self, question: _Question, versions: tuple[str, str], deadline: Deadline
    ) -> ComparisonDocument:
        tables = self._source.tables(question.from_ns, question.to_ns, deadline)
        (before, before_truncated), (after, after_truncated) = (
            self._bounded(
                question,
                Tables(
                    tables.from_ns,
                    tables.to_ns,
                    *only_version(tables.edges, tables.places, question.service, version),
                ),
                set(),
            )
            for version in versions
        )
        return comparison_document(
            compare(before, after), before, after, versions, (before_truncated, after_truncated)
        )

    def _drawn(self, question: _Question, deadline: Deadline) -> tuple[Graph, bool]:
        tables = self._source.tables(question.from_ns, question.to_ns, deadline)
        seen: set[Place] = set()
        if question.idle:
            start_ns = max(0, question.from_ns - self._config.idle_lookback_s * _SECOND_NS)
            seen = self._source.tables(start_ns, question.from_ns, deadline).seen()
        return self._bounded(question, tables, seen)

    def _bounded(self, question: _Question, tables: Tables, idle: set[Place]) -> tuple[Graph, bool]:
        """Return the part that is asked for, and whether it is cut off by a limit."""
        whole = question.part.apply(self._source.draw(tables, question.projection, idle))
        config = self._config
        bounded = largest(whole, config.max_graph_nodes, config.max_graph_edges)
        return bounded, bounded is not whole


def _found(question: _Question, graph: Graph) -> FoundDocument | None:
    find, namespaces = question.find, question.part.namespaces
    if find is None:
        return None
    return FoundDocument(
        sorted(find.nodes(graph, namespaces)), sorted(find.edges(graph, namespaces))
    )
