"""Windows as a graph is drawn from: edges with their measures, and of operations just the places.

One state, one cover and one weaving for both, which reading them apart would do twice.
"""

from __future__ import annotations

import numpy as np

from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, OperationKey
from model.graph.kept import Kept
from model.graph.measures import EdgeTable, OperationTable, aggregate_calls, merge_edges
from model.graph.place import Place
from model.graph.weave import Woven, weave
from storage.graph.cover import cover
from storage.graph.key_limit import MOST_KEYS
from storage.graph.snapshot import GraphSnapshot
from storage.graph.span_loader import SpanLoader
from storage.graph.state import RollupState
from storage.graph.tables import StepTables

__all__ = ["WindowTables"]

_MOST_UNMERGED = 8


class WindowTables:
    """Reads edges and places.

    Args:
        edges: the way to the edges.
        operations: the way to the operations.
        loader: of spans.
        sampling: configured probabilities.
    """

    def __init__(
        self,
        edges: StepTables[EdgeKey, EdgeTable],
        operations: StepTables[OperationKey, OperationTable],
        loader: SpanLoader,
        sampling: Sampling,
    ) -> None:
        self._edges = edges
        self._operations = operations
        self._loader = loader
        self._sampling = sampling
        self._places = Kept(_places)

    def read(
        self, snapshot: GraphSnapshot, state: RollupState, from_ns: int, to_ns: int
    ) -> tuple[EdgeTable, list[Place]]:
        """Return the edges of ``[from_ns, to_ns)``, and the places that made spans in it."""
        whole = cover(state, from_ns, to_ns)
        tables = self._edges.summed(snapshot, state, whole)
        # In the order of the rows, so that equal windows have equal answers.
        places = dict(self._places.to(self._operations.summed_keys(snapshot, state, whole)))
        for part in whole.live:
            edges, operations = self._woven(snapshot, *part)
            tables.append(edges)
            places.update(dict.fromkeys(sorted({key.place for key in operations})))
        return merge_edges(tables), list(places)

    def _woven(
        self, snapshot: GraphSnapshot, from_ns: int, to_ns: int
    ) -> tuple[EdgeTable, set[OperationKey]]:
        tables: list[EdgeTable] = []
        operations: set[OperationKey] = set()
        for spans in self._loader.chunks(snapshot, from_ns, to_ns):
            woven = weave(spans, self._sampling)
            tables.append(aggregate_calls(woven.calls))
            operations.update(_operations(woven))
            if len(tables) > _MOST_UNMERGED:
                tables = [merge_edges(tables)]
        edges = merge_edges(tables)
        if len(edges) > MOST_KEYS:
            edges = self._edges.woven(snapshot, from_ns, to_ns)
        if len(operations) > MOST_KEYS:
            operations = set(self._operations.woven(snapshot, from_ns, to_ns).keys)
        return edges, operations


def _places(keys: tuple[OperationKey, ...]) -> dict[Place, None]:
    return dict.fromkeys(key.place for key in keys)


def _operations(woven: Woven) -> list[OperationKey]:
    keys = woven.operations.keys
    return [keys[key] for key in np.flatnonzero(np.bincount(woven.operations.key)).tolist()]
