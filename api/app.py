"""The aiohttp application of the query API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from api.catalogue import Catalogue
from api.config import ApiConfig
from api.contract import contract_json, contract_yaml
from api.critical_paths import CriticalPaths
from api.graph import Graphs
from api.graph_source import GraphSource
from api.jaeger.routes import add_jaeger
from api.jaeger.transform import Uploads, otlp_json_only
from api.metrics_series import MetricSeries
from api.middleware import cross_origin, finish_response, measure, shape_errors
from api.propagation import Propagation
from api.queries import QUERIES, Queries
from api.search import Search
from api.shapes.routes import add_shapes
from api.shapes.source import ShapeSource
from api.system.routes import SystemReport
from api.system.state import NothingKnown, SystemSource
from api.trace_comparisons import TraceComparisons
from api.traces import Traces
from api.ui.pages import WebUi
from api.uploads import UploadedTraces
from storage.interface import GraphReader, SpanReader

__all__ = ["API_PREFIX", "create_app"]

API_PREFIX = "/api/v1"

# All parameters at their longest, percent-encoded, fit into it: what is too long then meets the
# limit of its parameter and is answered as such. The HTTP parser would answer in plain text.
_MAX_REQUEST_LINE_BYTES = 512 * 1024


def create_app(
    config: ApiConfig,
    reader: SpanReader,
    graph: GraphReader,
    *,
    uploads: Uploads = otlp_json_only,
    system: SystemSource | None = None,
    version: str = "",
    now_ns: Callable[[], int] = time.time_ns,
) -> web.Application:
    """Return the application; its threads live from its start-up to its clean-up.

    Args:
        config: limits and switches.
        reader: the store's spans; called from several threads at once.
        graph: the store's dependency graph; called as ``reader`` is.
        uploads: from an upload in any form that is known to OTLP/JSON documents.
        system: knows the process; None if only the store is known.
        version: of Spanloom, for clients that ask.
        now_ns: tells the time in nanoseconds since the epoch.

    Raises UiUnavailable if the web UI was not built, or if the settings name a Jaeger UI that is
    not there.
    """
    # A Jaeger UI may have the root.
    ui = WebUi(version) if config.jaeger.base_path or not config.jaeger.ui else None
    app = web.Application(
        middlewares=[
            measure,
            cross_origin(config.cors_allowed_origins),
            shape_errors,
            *([ui.for_people()] if ui else []),
        ],
        # Bodies are decompressed by who reads them, within the bounds of that reader.
        handler_args={"max_line_size": _MAX_REQUEST_LINE_BYTES, "auto_decompress": False},
    )
    app.on_response_prepare.append(finish_response)
    catalogue, search = Catalogue(reader), Search(reader, config, now_ns)
    traces = Traces(reader, config)
    graphs, series = Graphs(graph, config, now_ns), MetricSeries(graph, config, now_ns)
    doctor = Propagation(graph, config, now_ns)
    critical_paths = CriticalPaths(reader, config, now_ns)
    comparisons = TraceComparisons(reader, config, now_ns)
    report = SystemReport(system or NothingKnown(version, now_ns), reader, graph, now_ns)
    uploaded = UploadedTraces(uploads, config.jaeger.max_upload_bytes)
    app.add_routes(
        web.get(API_PREFIX + path, handler)
        for path, handler in (
            ("/services", catalogue.services),
            ("/services/{service}/operations", catalogue.operations),
            ("/traces", search.traces),
            ("/traces/compare", comparisons.compare),  # before what takes any word for an id
            ("/traces/{trace_id}", traces.trace),
            ("/requests/{x_request_id}", traces.request),
            ("/attributes", catalogue.attributes),
            ("/attributes/{key}/values", catalogue.attribute_values),
            ("/search/histogram", search.histogram),
            ("/graph", graphs.graph),
            ("/metrics/edges", series.edges),
            ("/metrics/operations", series.operations),
            ("/metrics/services", series.services),
            ("/propagation", doctor.propagation),
            ("/critical-path", critical_paths.critical_path),
            ("/system", report.system),
            ("/openapi.yaml", contract_yaml),
            ("/openapi.json", contract_json),
        )
    )
    app.router.add_post(API_PREFIX + "/uploads", uploaded.read)
    add_shapes(app, ShapeSource(GraphSource(graph), config, now_ns))
    if ui:
        app.add_routes(ui.routes())
    add_jaeger(app, reader, graph, config, now_ns, uploads, version)

    async def own_threads(app: web.Application) -> AsyncIterator[None]:
        queries = app[QUERIES] = Queries(config)
        yield
        await queries.close()

    app.cleanup_ctx.append(own_threads)
    return app
