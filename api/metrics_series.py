"""Rate, errors and duration over time: ``/metrics/operations``, ``edges`` and ``services``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from api.config import ApiConfig
from api.documents import KINDS, kind_word
from api.graph_query import read_view
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer
from api.search_query import WINDOW
from api.series_document import (
    EndDocument,
    LabelsDocument,
    MetricsDocument,
    end_document,
    metrics_document,
)
from api.series_query import (
    PlaceScope,
    SeriesWindow,
    read_selector,
    read_series_window,
    read_type,
)
from model.graph.edge import EdgeKey, OperationKey
from model.graph.legs import Nodes
from model.graph.place import Place
from model.graph.resolve import Known
from model.graph.series import series_table
from model.graph.view import GraphType
from storage.interface import GraphReader

__all__ = ["MetricSeries"]

_COMMON = (*WINDOW, "step", "heat_map", "type", "namespace", "cluster", "operation")
_VIEW = ("gateways", "waypoints")


class MetricSeries:
    """Handlers of numbers over time.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: GraphReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._reader = reader
        self._config = config
        self._now_ns = now_ns

    async def edges(self, request: web.Request) -> web.StreamResponse:
        """``GET /metrics/edges``: calls between two nodes."""
        parameters = Parameters(request.query, (*_COMMON, *_VIEW, "source", "target"))
        caller = PlaceScope(read_selector(parameters, "source"))
        callee = PlaceScope(read_selector(parameters, "target"))
        # A namespace or a cluster is that of either end.
        either = PlaceScope(None, parameters.text("namespace"), parameters.text("cluster"))

        def is_meant(source: Place, destination: Place) -> bool:
            return (
                caller.holds(source)
                and callee.holds(destination)
                and (either.holds(source) or either.holds(destination))
            )

        return await self._calls(request, parameters, is_meant, with_source=True)

    async def services(self, request: web.Request) -> web.StreamResponse:
        """``GET /metrics/services``: calls that a node receives, from anybody."""
        parameters = Parameters(request.query, (*_COMMON, *_VIEW, "service"))
        scope = _scope(parameters)
        return await self._calls(
            request, parameters, lambda _, destination: scope.holds(destination), with_source=False
        )

    async def _calls(
        self,
        request: web.Request,
        parameters: Parameters,
        is_meant: Callable[[Place, Place], bool],
        *,
        with_source: bool,
    ) -> web.StreamResponse:
        window = read_series_window(parameters, self._config, self._now_ns())
        grain, view = read_type(parameters), int(read_view(parameters))
        operation = parameters.text("operation")
        with_heat_map = parameters.boolean("heat_map") or False

        def work(deadline: Deadline) -> MetricsDocument:
            tables = self._reader.edge_steps(
                window.from_ns, window.to_ns, window.step_ns, timeout_s=deadline.remaining()
            )
            known = self._known(window, deadline)
            nodes = Nodes(grain)

            def label(stored: EdgeKey) -> tuple[int, int, str] | None:
                if not stored.views & view or operation not in ("", stored.operation):
                    return None
                key = known.resolved(stored)
                if not is_meant(key.source, key.destination):
                    return None
                callee = nodes.index(key.destination)
                if not with_source:
                    return (-1, callee, "")
                return (nodes.index(key.source), callee, key.protocol.value)

            table = series_table(
                [(one.keys, one.measures) for one in tables], label, self._config.max_metric_series
            )
            ends = _ends(nodes, grain)
            labels = [
                LabelsDocument(source=ends[source], target=ends[target], protocol=protocol)
                if with_source
                else LabelsDocument(node=ends[target])
                for source, target, protocol in table.labels
            ]
            settled_ns = self._reader.settled_ns()
            return metrics_document(window, table, labels, settled_ns, with_heat_map=with_heat_map)

        return await answer(request, work)

    async def operations(self, request: web.Request) -> web.StreamResponse:
        """``GET /metrics/operations``: spans by node, name and kind."""
        parameters = Parameters(request.query, (*_COMMON, "service", "kind"))
        window = read_series_window(parameters, self._config, self._now_ns())
        grain, scope = read_type(parameters), _scope(parameters)
        operation, kind = parameters.text("operation"), parameters.choice("kind", KINDS)
        with_heat_map = parameters.boolean("heat_map") or False

        def work(deadline: Deadline) -> MetricsDocument:
            tables = self._reader.operation_steps(
                window.from_ns, window.to_ns, window.step_ns, timeout_s=deadline.remaining()
            )
            known = self._known(window, deadline)
            nodes = Nodes(grain)

            def label(key: OperationKey) -> tuple[int, str, int] | None:
                if operation not in ("", key.operation) or kind not in (None, key.kind):
                    return None
                place = known.complete(key.place)
                if not scope.holds(place):
                    return None
                return (nodes.index(place), key.operation, int(key.kind))

            table = series_table(
                [(one.keys, one.measures) for one in tables], label, self._config.max_metric_series
            )
            ends = _ends(nodes, grain)
            labels = [
                LabelsDocument(node=ends[node], operation=name, kind=kind_word(number))
                for node, name, number in table.labels
            ]
            settled_ns = self._reader.settled_ns()
            return metrics_document(window, table, labels, settled_ns, with_heat_map=with_heat_map)

        return await answer(request, work)

    def _known(self, window: SeriesWindow, deadline: Deadline) -> Known:
        """Return what the whole window knows, as the graph of it does."""
        bounds = window.from_ns, window.to_ns
        found = self._reader.window(*bounds, timeout_s=deadline.remaining())
        return Known(
            found.edges.keys, found.places, [(pod.address, pod.place) for pod in found.pods]
        )


def _scope(parameters: Parameters) -> PlaceScope:
    return PlaceScope(
        read_selector(parameters, "service"),
        parameters.text("namespace"),
        parameters.text("cluster"),
    )


def _ends(nodes: Nodes, grain: GraphType) -> Sequence[EndDocument]:
    return [end_document(facts, grain) for facts in nodes.facts]
