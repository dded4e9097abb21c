"""Mermaid: the graph as a flowchart that Markdown pages draw."""

from __future__ import annotations

from collections.abc import Iterator

from api.shapes.labels import HEALTH_COLOURS, edge_label, node_subtitle
from model.graph.place import PlaceKind
from model.graph.view import Graph, GraphEdge, GraphNode, HealthStatus

__all__ = ["CONTENT_TYPE", "mermaid"]

CONTENT_TYPE = "text/vnd.mermaid; charset=utf-8"

# Opening and closing brackets make the shape.
_SHAPES = {
    PlaceKind.WORKLOAD: ("[", "]"),
    PlaceKind.GATEWAY: ("{{", "}}"),
    PlaceKind.WAYPOINT: ("{{", "}}"),
    PlaceKind.SERVICE: ("([", "])"),
    PlaceKind.DATABASE: ("[(", ")]"),
    PlaceKind.MESSAGING: ("[/", "/]"),
    PlaceKind.EXTERNAL: (">", "]"),
    PlaceKind.INGRESS: ("((", "))"),
    PlaceKind.UNKNOWN: ("((", "))"),
}
_PLAIN = frozenset(" .,:/_-()+")
_INDENT = "  "


def mermaid(graph: Graph) -> str:
    """Return a flowchart: boxes are subgraphs, colours tell health, dots asynchronous calls."""
    ids = {node.id: f"n{index}" for index, node in enumerate(graph.nodes)}
    boxes = {box.id: f"b{index}" for index, box in enumerate(graph.boxes)}
    lines = [
        "flowchart LR",
        *_members(graph, "", ids, boxes, _INDENT),
        *(_edge(edge, ids) for edge in graph.edges),
        *_classes(graph, ids),
        *_link_styles(graph),
    ]
    return "\n".join(lines) + "\n"


def _members(
    graph: Graph, box: str, ids: dict[str, str], boxes: dict[str, str], indent: str
) -> Iterator[str]:
    for inner in graph.boxes:
        if inner.box == box:
            yield f'{indent}subgraph {boxes[inner.id]}["{_text(inner.label)}"]'
            yield from _members(graph, inner.id, ids, boxes, indent + _INDENT)
            yield f"{indent}end"
    for node in graph.nodes:
        if node.box == box:
            yield indent + _node(node, ids[node.id])


def _node(node: GraphNode, name: str) -> str:
    opening, closing = _SHAPES[node.kind]
    subtitle = node_subtitle(node)
    text = _text(node.label) + (f"<br/>{_text(subtitle)}" if subtitle else "")
    return f'{name}{opening}"{text}"{closing}'


def _edge(edge: GraphEdge, ids: dict[str, str]) -> str:
    arrow = "-.->" if edge.asynchronous else "-->"
    label = edge_label(edge)  # numbers and words of ours: nothing to escape
    return f'{_INDENT}{ids[edge.source]} {arrow}|"{label}"| {ids[edge.target]}'


def _classes(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    for status, colour in HEALTH_COLOURS.items():
        members = [ids[node.id] for node in graph.nodes if node.health.status is status]
        if members:
            yield f"{_INDENT}classDef {status.value} stroke:{colour},stroke-width:2px"
            yield f"{_INDENT}class {','.join(members)} {status.value}"


def _link_styles(graph: Graph) -> Iterator[str]:
    for status in (HealthStatus.DEGRADED, HealthStatus.FAILURE):
        members = [
            str(index) for index, edge in enumerate(graph.edges) if edge.health.status is status
        ]
        if members:
            yield f"{_INDENT}linkStyle {','.join(members)} stroke:{HEALTH_COLOURS[status]}"


def _text(text: str) -> str:
    """Return ``text`` for between quotes: all but letters, digits and a few signs by number.

    Mermaid renders quoted text as HTML and as Markdown, so nothing that either reads is left.
    """
    return "".join(
        letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in text
    )
