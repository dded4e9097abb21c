"""Projection: the stored edges of a window drawn as a graph of one type (rules G47 and G48)."""

from __future__ import annotations

from collections.abc import Iterable

from model.graph.draw import Drawing
from model.graph.measures import EdgeTable
from model.graph.place import Place
from model.graph.plan import Projection, plan_graph
from model.graph.view import Graph

__all__ = ["Projection", "project"]

_SECOND_NS = 1_000_000_000


def project(
    edges: EdgeTable,
    places: Iterable[Place],
    from_ns: int,
    to_ns: int,
    projection: Projection,
    *,
    settled_ns: int | None = None,
    idle: Iterable[Place] = (),
) -> Graph:
    """Draw the edges of the window ``[from_ns, to_ns)``.

    The calls of all edges add up to the same in every type (in a graph of operations: those of
    the edges that lead to operations), and places with spans but without edges are nodes.

    Args:
        edges: of the window, resolved (:func:`model.graph.resolve.resolve`).
        places: that made spans in the window, likewise.
        from_ns: start of the window.
        to_ns: its end, later than its start. Rates are per second of the window.
        projection: what to draw.
        settled_ns: the time before which nothing changes any more; None: all is settled.
        idle: places seen earlier; those without traffic now become idle nodes.
    """
    seconds = (to_ns - from_ns) / _SECOND_NS
    plan = plan_graph(edges.keys, tuple(places), tuple(idle), projection)
    drawing = Drawing(plan, edges.measures, seconds)
    return Graph(
        type=projection.type,
        from_ns=from_ns,
        to_ns=to_ns,
        nodes=tuple(drawing.nodes()),
        edges=tuple(drawing.edges()),
        boxes=plan.boxes,
        is_estimate=drawing.is_estimate,
        provisional_ns=to_ns if settled_ns is None else min(to_ns, max(from_ns, settled_ns)),
    )
