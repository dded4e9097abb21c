"""The Prometheus endpoint: ``/metrics`` and, where questions are answered, ``/metrics/mesh``."""

from __future__ import annotations

import asyncio

from aiohttp import web

from spanloom.mesh_metrics import page as mesh_page
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.self_metrics import CONTENT_TYPE_LATEST, MetricsPage

__all__ = ["metrics_app"]

_COMPRESSED_BY_THREADS = 64 * 1024
"""Bytes beyond which an answer is not compressed on the event loop."""


def metrics_app(page: MetricsPage, mesh: SeriesTable | None) -> web.Application:
    """Return the application; ``mesh`` is None where the mesh is not counted."""

    async def metrics(_: web.Request) -> web.Response:
        text = await asyncio.to_thread(page.render)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    if mesh is not None:
        _add_mesh(app, mesh)
    return app


def _add_mesh(app: web.Application, series: SeriesTable) -> None:
    async def mesh_metrics(request: web.Request) -> web.Response:
        accept = ",".join(request.headers.getall("Accept", []))
        text, content_type = await asyncio.to_thread(mesh_page.render, series, accept)
        response = web.Response(
            body=text,
            headers={"Content-Type": content_type},
            zlib_executor_size=_COMPRESSED_BY_THREADS,
        )
        response.enable_compression()
        return response

    app.router.add_get("/metrics/mesh", mesh_metrics)
