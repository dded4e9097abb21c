"""Draws graphs from the store: what every route that answers with a graph asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.queries import Deadline
from model.graph.measures import EdgeTable
from model.graph.place import Place
from model.graph.project import Projection, project
from model.graph.resolve import resolve
from model.graph.view import Graph
from storage.interface import GraphReader

__all__ = ["GraphSource", "Tables"]


@dataclass(frozen=True, slots=True)
class Tables:
    """The edges of the window ``[from_ns, to_ns)`` and who made spans in it, resolved."""

    from_ns: int
    to_ns: int
    edges: EdgeTable
    places: tuple[Place, ...]

    def seen(self) -> set[Place]:
        """Return every place seen, also those that only others tell of."""
        found = set(self.places)
        for key in self.edges.keys:
            found.update((key.source, key.destination))
        return found


class GraphSource:
    """The one way from a window to its graph. Methods block: call them on a query thread.

    Args:
        reader: the store.
    """

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def tables(self, from_ns: int, to_ns: int, deadline: Deadline) -> Tables:
        """Return what the window holds, names and addresses resolved."""
        found = self._reader.window(from_ns, to_ns, timeout_s=deadline.remaining())
        return Tables(from_ns, to_ns, *resolve(found.edges, found.places, found.pods))

    def draw(self, tables: Tables, projection: Projection, idle: Iterable[Place] = ()) -> Graph:
        """Return the graph of these tables; ``idle`` places without traffic now are nodes too."""
        return project(
            tables.edges,
            tables.places,
            tables.from_ns,
            tables.to_ns,
            projection,
            settled_ns=self._reader.settled_ns(),
            idle=idle,
        )

    def graph(self, from_ns: int, to_ns: int, projection: Projection, deadline: Deadline) -> Graph:
        """Return the graph of the window."""
        return self.draw(self.tables(from_ns, to_ns, deadline), projection)
