"""All shapes in the application of the query API, each below a prefix of its own."""

from __future__ import annotations

from aiohttp import web

from api.shapes.kiali_routes import Kiali
from api.shapes.node_graph_routes import NodeGraph
from api.shapes.service_graph_routes import SERVICE_GRAPH, ServiceGraph
from api.shapes.source import ShapeSource
from api.shapes.vizceral_routes import Vizceral

__all__ = ["PREFIXES", "add_shapes"]

PREFIXES = ("/servicegraph", "/vizceral", "/kiali", "/grafana/nodegraph")
"""Below these, routes are other tools' and not in our contract."""


def add_shapes(app: web.Application, source: ShapeSource) -> None:
    """Add the routes of every shape to ``app``."""
    app[SERVICE_GRAPH] = ServiceGraph(source)
    app.add_routes(
        [
            *app[SERVICE_GRAPH].routes("/servicegraph"),
            *Vizceral(source).routes("/vizceral"),
            *Kiali(source).routes("/kiali/api/namespaces"),
            *NodeGraph(source).routes("/grafana/nodegraph"),
        ]
    )
