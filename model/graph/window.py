"""What the graph of a window is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from model.graph.measures import EdgeTable
from model.graph.place import Place
from model.graph.pods import Pod

__all__ = ["GraphWindow"]


@dataclass(frozen=True, slots=True, eq=False)
class GraphWindow:
    """A window as the store tells it, not resolved yet.

    Attributes:
        edges: one row a key.
        places: that made spans, each once.
        pods: seen in it, by address, then first seen.
    """

    edges: EdgeTable
    places: tuple[Place, ...]
    pods: tuple[Pod, ...]
