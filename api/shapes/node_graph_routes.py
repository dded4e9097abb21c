"""Routes of the Node Graph API data source of Grafana."""

from __future__ import annotations

import msgspec
from aiohttp import web

from api.graph_query import (
    DRAWING,
    FILTERS,
    REPEATED,
    graph_window,
    read_drawing,
    read_filter,
)
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import JSON
from api.search_query import WINDOW
from api.shapes.answers import answer_bytes
from api.shapes.node_graph import MAX_NODES, fields, node_graph
from api.shapes.source import ShapeSource

__all__ = ["NodeGraph"]


class NodeGraph:
    """Handlers of ``/grafana/nodegraph``.

    Args:
        source: makes graphs.
    """

    def __init__(self, source: ShapeSource) -> None:
        self._source = source

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes, below ``prefix``."""
        return [
            web.get(f"{prefix}/api/health", self.health),
            web.get(f"{prefix}/api/graph/fields", self.fields),
            web.get(f"{prefix}/api/graph/data", self.data),
        ]

    async def health(self, request: web.Request) -> web.Response:
        """Say that we are here."""
        return web.json_response({"status": "ok"})

    async def fields(self, request: web.Request) -> web.Response:
        """Answer with the columns of nodes and edges."""
        return await answer_bytes(request, JSON, lambda deadline: msgspec.json.encode(fields()))

    async def data(self, request: web.Request) -> web.Response:
        """Answer with the graph; parameters as of ``/api/v1/graph``."""
        source = self._source
        given = Parameters(request.query, (*WINDOW, *DRAWING, *FILTERS, "limit", "query"), REPEATED)
        window = graph_window(given, source.config, source.now_ns())
        projection, part = read_drawing(given, source.health), read_filter(given)
        idle = given.boolean("idle") or False
        limit = given.integer("limit", MAX_NODES, minimum=1, maximum=MAX_NODES)

        def work(deadline: Deadline) -> bytes:
            graph = source.part(window, projection, part, deadline, idle=idle)
            return msgspec.json.encode(node_graph(graph, limit))

        return await answer_bytes(request, JSON, work)
