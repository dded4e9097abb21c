"""Graphs for shapes: of any window, narrowed down, and never larger than the API's limits."""

from __future__ import annotations

from collections.abc import Callable

from api.config import ApiConfig
from api.graph_query import GraphFilter
from api.graph_source import GraphSource, Tables
from api.health_config import health_rules
from api.queries import Deadline
from model.graph.edge import View
from model.graph.filters import largest
from model.graph.place import Place
from model.graph.project import Projection
from model.graph.view import Graph, GraphType

__all__ = ["ShapeSource"]

_SECOND_NS = 1_000_000_000


class ShapeSource:
    """Makes graphs. Methods that take a deadline block: call them on a query thread.

    Args:
        graphs: the way to the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.

    Attributes:
        health: the configured thresholds.
    """

    def __init__(self, graphs: GraphSource, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._graphs = graphs
        self.config = config
        self.now_ns = now_ns
        self.health = health_rules(config.health)

    def graph(
        self,
        window: tuple[int, int],
        graph_type: GraphType,
        deadline: Deadline,
        *,
        view: View = View.GATEWAYS,
        narrow: Callable[[Tables], Tables] = lambda tables: tables,
        is_idle: Callable[[Place], bool] | None = None,
    ) -> Graph:
        """Return the graph of a window. Raises StoreError.

        Args:
            window: ``[from, to)`` in nanoseconds, not empty.
            graph_type: what a node stands for.
            deadline: of the request.
            view: which proxies are nodes.
            narrow: selects or changes rows before they are drawn.
            is_idle: which of the places that were seen earlier are idle nodes if they have no
                traffic now; None: none is, and nobody asks.
        """
        tables = narrow(self._graphs.tables(*window, deadline))
        idle = self._idle(window[0], is_idle, deadline) if is_idle is not None else []
        projection = Projection(graph_type, view, health=self.health)
        return self._bounded(self._graphs.draw(tables, projection, idle))

    def part(
        self,
        window: tuple[int, int],
        projection: Projection,
        part: GraphFilter,
        deadline: Deadline,
        *,
        idle: bool,
    ) -> Graph:
        """Return the graph that a request with our own parameters asks for; see :meth:`graph`."""
        tables = self._graphs.tables(*window, deadline)
        places = self._idle(window[0], lambda place: True, deadline) if idle else []
        return self._bounded(part.apply(self._graphs.draw(tables, projection, places)))

    def _idle(
        self, before_ns: int, is_idle: Callable[[Place], bool], deadline: Deadline
    ) -> list[Place]:
        lookback_ns = self.config.idle_lookback_s * _SECOND_NS
        earlier = self._graphs.tables(max(0, before_ns - lookback_ns), before_ns, deadline)
        return sorted(filter(is_idle, earlier.seen()))

    def _bounded(self, graph: Graph) -> Graph:
        """Return ``graph``, or the part of it with most calls if it is too large."""
        return largest(graph, self.config.max_graph_nodes, self.config.max_graph_edges)
