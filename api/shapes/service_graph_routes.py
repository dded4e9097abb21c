"""Routes of ServiceGraph, below a prefix and at the root of a port of its own."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from api.errors import ApiError, ErrorBody
from api.middleware import finish_response, measure, shape_errors
from api.parameters import MAX_TEXT_LENGTH
from api.queries import QUERIES, Deadline
from api.responses import JSON
from api.shapes import pages
from api.shapes.answers import HTML, TEXT, answer_bytes, in_dialect, text_error
from api.shapes.kiali_options import parse_prometheus_duration
from api.shapes.service_graph import (
    EdgeFilter,
    ServiceGraphDocument,
    d3_document,
    dot_text,
    service_graph,
)
from api.shapes.source import ShapeSource
from model.graph.view import GraphType

__all__ = ["MAX_STATIC_NODES", "SERVICE_GRAPH", "ServiceGraph", "service_graph_app"]

MAX_STATIC_NODES = 1000
"""Nodes that users may add; they are in every answer until the service ends."""

_DEFAULT_HORIZON = "5m"
_MILLISECOND_NS = 1_000_000


class ServiceGraph:
    """Handlers of ServiceGraph.

    Args:
        source: makes graphs.
    """

    def __init__(self, source: ShapeSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._static: set[str] = set()

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes, below ``prefix``."""
        shown = [
            web.get(prefix + path, in_dialect(handler, text_error))
            for path, handler in (
                ("/graph", self.graph),
                ("/d3graph", self.d3graph),
                ("/dotgraph", self.dotgraph),
                ("/dotviz", self.dotviz),
                ("/force/forcegraph.html", self.forcegraph),
            )
        ]
        return [*shown, web.route(hdrs.METH_ANY, f"{prefix}/node", self.node)]

    async def graph(self, request: web.Request) -> web.Response:
        """Answer with nodes by name and edges."""
        return await self._answer(request, JSON, msgspec.json.encode)

    async def d3graph(self, request: web.Request) -> web.Response:
        """Answer with nodes and links by index."""
        return await self._answer(
            request, JSON, lambda document: msgspec.json.encode(d3_document(document))
        )

    async def dotgraph(self, request: web.Request) -> web.Response:
        """Answer with DOT."""
        return await self._answer(request, TEXT, lambda document: dot_text(document).encode())

    async def dotviz(self, request: web.Request) -> web.Response:
        """Answer with a page that shows the graph."""
        response = await self._answer(
            request, HTML, lambda document: pages.dotviz_page(document).encode()
        )
        response.headers["Content-Security-Policy"] = pages.dotviz_policy()
        return response

    async def forcegraph(self, request: web.Request) -> web.Response:
        """Answer with a page that shows the graph as it changes."""
        response = await answer_bytes(request, HTML, lambda deadline: pages.force_page())
        response.headers["Content-Security-Policy"] = pages.force_policy()
        return response

    async def node(self, request: web.Request) -> web.Response:
        """Add a static node."""
        if request.method != hdrs.METH_POST:
            return _told(
                HTTPStatus.NOT_IMPLEMENTED, "requests of this type not supported at this time"
            )
        if "cross-site" in request.headers.get("Sec-Fetch-Site", ""):
            return _told(HTTPStatus.FORBIDDEN, "pages of other sites may not add nodes")
        name = request.query.get("name", "")
        if not name:
            return _told(HTTPStatus.BAD_REQUEST, "missing argument 'name'")
        if len(name) > MAX_TEXT_LENGTH:
            return _told(
                HTTPStatus.BAD_REQUEST, f"argument 'name' is longer than {MAX_TEXT_LENGTH}"
            )
        with self._lock:
            if name not in self._static and len(self._static) >= MAX_STATIC_NODES:
                return _told(
                    HTTPStatus.INSUFFICIENT_STORAGE,
                    f"there are {MAX_STATIC_NODES} static nodes already",
                )
            self._static.add(name)
        return web.Response()

    async def _answer(
        self,
        request: web.Request,
        content_type: str,
        encode: Callable[[ServiceGraphDocument], bytes],
    ) -> web.Response:
        query = request.query
        horizon_ns = _horizon_ns(query.get("time_horizon", ""))
        wanted = EdgeFilter(
            source_namespace=query.get("source_namespace", ""),
            source_workload=query.get("source_workload", ""),
            destination_namespace=query.get("destination_namespace", ""),
            destination_workload=query.get("destination_workload", ""),
            filter_empty=query.get("filter_empty") == "true",
        )
        to_ns = self._source.now_ns()

        def work(deadline: Deadline) -> bytes:
            window = (max(0, to_ns - horizon_ns), to_ns)
            graph = self._source.graph(window, GraphType.WORKLOAD, deadline)
            with self._lock:
                static = frozenset(self._static)
            return encode(service_graph(graph, wanted, static))

        return await answer_bytes(request, content_type, work)


SERVICE_GRAPH = web.AppKey("SERVICE_GRAPH", ServiceGraph)
"""The handlers in the application of the query API."""


def service_graph_app(query_app: web.Application) -> web.Application:
    """Return an application with ServiceGraph at its root: for the port that it used to have.

    It shares static nodes and query threads with ``query_app``, which must be started before and
    cleaned up after it.
    """
    app = web.Application(middlewares=[measure, shape_errors])
    app.on_response_prepare.append(finish_response)
    app.add_routes(query_app[SERVICE_GRAPH].routes(""))

    async def share_threads(app: web.Application) -> AsyncIterator[None]:
        app[QUERIES] = query_app[QUERIES]
        yield

    app.cleanup_ctx.append(share_threads)
    return app


def _horizon_ns(text: str) -> int:
    try:
        return parse_prometheus_duration(text or _DEFAULT_HORIZON) * _MILLISECOND_NS
    except ValueError as error:
        message = f"could not parse time_horizon: {error}"
        raise ApiError(
            HTTPStatus.INTERNAL_SERVER_ERROR, ErrorBody("invalid_parameter", message)
        ) from error


def _told(status: HTTPStatus, text: str) -> web.Response:
    return web.Response(status=status, body=text.encode(), headers={hdrs.CONTENT_TYPE: TEXT})
