"""Jaeger's APIs in the application of the query API: at the root and below a path of their own."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import hdrs, web

from api.config import ApiConfig
from api.jaeger import dependencies, legacy, service_performance, transform, v3
from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import page_not_found
from api.jaeger.source import TraceSource
from api.jaeger.transform import Uploads
from api.jaeger.ui import UiPages
from storage.interface import GraphReader, SpanReader

__all__ = ["add_jaeger"]


def add_jaeger(
    app: web.Application,
    reader: SpanReader,
    graph: GraphReader,
    config: ApiConfig,
    now_ns: Callable[[], int],
    uploads: Uploads,
    version: str,
) -> None:
    """Add the routes of Jaeger's APIs to ``app``, which has those of the native API already.

    Raises UiUnavailable if the settings name a UI that is not there.
    """
    jaeger = config.jaeger
    backend = JaegerBackend(jaeger, reader, graph, TraceSource(reader, jaeger), now_ns)
    routes = [
        *legacy.routes(backend),
        *dependencies.routes(backend),
        *service_performance.routes(backend),
        *v3.routes(backend),
        *transform.routes(backend, uploads),
    ]
    for prefix in dict.fromkeys(("", jaeger.base_path)):
        app.add_routes(_defined(prefix, route) for route in routes)
    if jaeger.base_path:
        # After all others: what Jaeger would not know either.
        app.router.add_route(hdrs.METH_ANY, jaeger.base_path + "/api/{rest:.*}", page_not_found)
    app.add_routes(_defined("", route) for route in UiPages(jaeger, version).routes())


def _defined(prefix: str, route: Route) -> web.RouteDef:
    method, path, handler = route
    if method == hdrs.METH_GET:
        return web.get(prefix + path, handler)  # and HEAD
    return web.route(method, prefix + path, handler)
