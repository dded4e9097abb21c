"""Routes of Kiali's graph API: graphs of namespaces and of single nodes."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

import msgspec
from aiohttp import web

from api.errors import ApiError, ErrorBody
from api.queries import Deadline
from api.responses import JSON
from api.shapes.answers import answer_bytes, in_dialect, json_error
from api.shapes.kiali import kiali
from api.shapes.kiali_options import Appender, KialiOptions, KialiType, parse_options
from api.shapes.kiali_scope import Focus, FocusKind, scoped
from api.shapes.source import ShapeSource
from model.graph.edge import View
from model.graph.place import Place

__all__ = ["Kiali"]

_SECOND_NS = 1_000_000_000


class Kiali:
    """Handlers of ``/kiali/api/namespaces``.

    Args:
        source: makes graphs.
    """

    def __init__(self, source: ShapeSource) -> None:
        self._source = source

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes, below ``prefix``."""
        node = prefix + "/{namespace}/{kind:applications|services|workloads}/{name}"
        version = prefix + "/{namespace}/{kind:applications}/{name}/versions/{version}"
        return [
            web.get(path, in_dialect(handler, json_error))
            for path, handler in (
                (f"{prefix}/graph", self.namespaces),
                (f"{node}/graph", self.node),
                (f"{version}/graph", self.node),
            )
        ]

    async def namespaces(self, request: web.Request) -> web.Response:
        """Answer with the graph of the ``namespaces``."""
        return await self._answer(request, _options(request, self._now_s()), None)

    async def node(self, request: web.Request) -> web.Response:
        """Answer with the graph of an app, a version of it, a service or a workload."""
        path = request.match_info
        focus = Focus(
            FocusKind(path["kind"]),
            path["namespace"],
            path["name"],
            path.get("version", ""),
            request.query.get("clusterName", ""),
        )
        return await self._answer(request, _options(request, self._now_s(), focus), focus)

    async def _answer(
        self, request: web.Request, options: KialiOptions, focus: Focus | None
    ) -> web.Response:
        return await answer_bytes(
            request, JSON, lambda deadline: self._body(options, focus, deadline)
        )

    def _body(self, options: KialiOptions, focus: Focus | None, deadline: Deadline) -> bytes:
        draw = partial(
            self._source.graph,
            graph_type=options.type.graph_type,
            deadline=deadline,
            view=View.GATEWAYS_WAYPOINTS if options.waypoints else View.GATEWAYS,
            narrow=lambda tables: scoped(tables, options, focus),
        )

        def is_idle(place: Place) -> bool:
            return place.namespace in options.namespaces

        from_ns, to_ns = options.window_ns
        has_idle_nodes = Appender.IDLE in options.appenders and focus is None
        graph = draw((from_ns, to_ns), is_idle=is_idle if has_idle_nodes else None)
        earlier = None
        if options.include_idle_edges and from_ns > 0:
            earlier = draw((max(0, 2 * from_ns - to_ns), from_ns))
        return msgspec.json.encode(kiali(graph, options, earlier))

    def _now_s(self) -> int:
        return self._source.now_ns() // _SECOND_NS


def _options(request: web.Request, now_s: int, focus: Focus | None = None) -> KialiOptions:
    of_app = focus is not None and focus.kind is FocusKind.APP
    try:
        options = parse_options(
            request.query,
            now_s,
            namespace=focus.namespace if focus else "",
            default_type=KialiType.VERSIONED_APP if of_app else KialiType.WORKLOAD,
        )
    except ValueError as error:
        raise _bad_request(str(error)) from error
    if of_app and options.type not in (KialiType.APP, KialiType.VERSIONED_APP):
        raise _bad_request(
            f"Invalid graphType [{options.type.value}]. This node detail graph supports only "
            "graphType app or versionedApp."
        )
    return options


def _bad_request(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, ErrorBody("invalid_parameter", message))
