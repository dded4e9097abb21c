"""Graphviz DOT: the graph as text that ``dot -Tsvg`` draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.shapes.labels import HEALTH_COLOURS, edge_label, node_subtitle
from model.graph.place import PlaceKind
from model.graph.view import Box, Graph, GraphEdge, GraphNode

__all__ = ["CONTENT_TYPE", "dot", "quoted"]

CONTENT_TYPE = "text/vnd.graphviz; charset=utf-8"

_SHAPES = {
    PlaceKind.WORKLOAD: "box",
    PlaceKind.GATEWAY: "house",
    PlaceKind.WAYPOINT: "hexagon",
    PlaceKind.SERVICE: "ellipse",
    PlaceKind.DATABASE: "cylinder",
    PlaceKind.MESSAGING: "cds",
    PlaceKind.EXTERNAL: "octagon",
    PlaceKind.INGRESS: "circle",
    PlaceKind.UNKNOWN: "circle",
}
_INDENT = "  "


def dot(graph: Graph, name: str = "spanloom") -> str:
    """Return a digraph: boxes are clusters, colours tell health, dashes asynchronous calls."""
    lines = [
        f"digraph {quoted(name)} {{",
        f"{_INDENT}rankdir=LR;",
        f'{_INDENT}node [fontname="sans-serif"];',
        f'{_INDENT}edge [fontname="sans-serif", fontsize=10];',
        *_members(graph, "", _INDENT),
        *(_edge(edge) for edge in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str, *, label: bool = False) -> str:
    r"""Return a DOT string that stands for ``text``, whatever is in it.

    In the grammar a backslash escapes the quote and itself. A ``label`` is read once more, for
    ``\n`` and for entities such as ``&lt;``: a line feed becomes the first, and an ampersand is
    escaped. Other control characters have no place in a drawing and are replaced.
    """
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    if label:
        text = text.replace("&", "&amp;").replace("\n", "\\n")
    return '"' + "".join(letter if letter.isprintable() else "\ufffd" for letter in text) + '"'


def _members(graph: Graph, box: str, indent: str) -> Iterator[str]:
    for inner in graph.boxes:
        if inner.box == box:
            yield f"{indent}subgraph {quoted('cluster_' + inner.id)} {{"
            yield f"{indent}{_INDENT}{_box_attributes(inner)}"
            yield from _members(graph, inner.id, indent + _INDENT)
            yield f"{indent}}}"
    for node in graph.nodes:
        if node.box == box:
            yield indent + _node(node)


def _box_attributes(box: Box) -> str:
    return f"label={quoted(box.label, label=True)}; tooltip={quoted(box.kind.value, label=True)};"


def _node(node: GraphNode) -> str:
    subtitle = node_subtitle(node)
    attributes = {
        "label": f"{node.label}\n{subtitle}" if subtitle else node.label,
        "shape": _SHAPES[node.kind],
        "color": HEALTH_COLOURS[node.health.status],
        "tooltip": node.health.reason or node.health.status.value,
    }
    if node.is_idle:
        attributes["style"] = "dotted"
    return f"{quoted(node.id)} [{_attributes(attributes)}];"


def _edge(edge: GraphEdge) -> str:
    attributes = {
        "label": edge_label(edge),
        "color": HEALTH_COLOURS[edge.health.status],
        "tooltip": edge.health.reason or f"{edge.protocol.value}, {edge.health.status.value}",
    }
    if edge.asynchronous:
        attributes["style"] = "dashed"
    elif edge.inferred:
        attributes["style"] = "dotted"
    return f"{_INDENT}{quoted(edge.source)} -> {quoted(edge.target)} [{_attributes(attributes)}];"


def _attributes(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={quoted(text, label=True)}" for key, text in attributes.items())
