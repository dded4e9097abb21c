"""ServiceGraph's two pages: the graph drawn by us (``dotviz``), and by the browser as it lives.

Neither loads anything from elsewhere; each answer allows exactly its own style and script.
"""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from importlib import resources

from api.shapes.layers import layers
from api.shapes.service_graph import ServiceGraphDocument, dot_text

__all__ = ["dotviz_page", "dotviz_policy", "force_page", "force_policy"]

_ROW, _NODE_HEIGHT, _LETTER, _GAP, _MARGIN = 54, 30, 7.2, 150, 20
_LONGEST_NAME = 48

_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 1rem; font: 13px sans-serif; background: Canvas; color: CanvasText; }
svg { display: block; overflow: visible; }
rect { fill: Canvas; stroke: CanvasText; }
text { fill: CanvasText; font: 12px monospace; }
path { fill: none; stroke: GrayText; }
marker path { fill: GrayText; }
.rate { fill: GrayText; font-size: 11px; }
"""


@cache
def force_page() -> bytes:
    """Return the page that draws ``d3graph`` and asks for it again every five seconds."""
    return resources.files("api.shapes").joinpath("forcegraph.html").read_bytes()


@cache
def force_policy() -> str:
    """Return the Content-Security-Policy of :func:`force_page`."""
    page = force_page().decode()
    return _policy(_inside(page, "style"), _inside(page, "script"))


def dotviz_page(document: ServiceGraphDocument) -> str:
    """Return a page with the graph as a drawing and as DOT."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>Service graph</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{_drawing(document)}\n<details><summary>DOT</summary>"
        f"<pre>{html.escape(dot_text(document))}</pre></details>\n</body>\n</html>\n"
    )


@cache
def dotviz_policy() -> str:
    """Return the Content-Security-Policy of :func:`dotviz_page`."""
    return _policy(_STYLE, None)


def _policy(style: str, script: str | None) -> str:
    rules = ["default-src 'none'", "frame-ancestors 'none'", f"style-src '{_digest(style)}'"]
    if script is not None:
        rules += [f"script-src '{_digest(script)}'", "connect-src 'self'"]
    return "; ".join(rules)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inside(page: str, tag: str) -> str:
    return page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


def _drawing(document: ServiceGraphDocument) -> str:
    names = list(document.nodes)
    index = {name: number for number, name in enumerate(names)}
    ends = [(index[edge.source], index[edge.target]) for edge in document.edges]
    boxes: dict[int, tuple[float, float, float]] = {}
    left, lowest = float(_MARGIN), 0
    for layer in layers(len(names), ends):
        width = max(min(len(names[node]), _LONGEST_NAME) for node in layer) * _LETTER + 16
        for row, node in enumerate(layer):
            boxes[node] = (left, _MARGIN + row * _ROW, width)
        left += width + _GAP
        lowest = max(lowest, len(layer))
    shapes = [
        _line(boxes[source], boxes[target], ", ".join(edge.labels.values()), edge.labels)
        for (source, target), edge in zip(ends, document.edges, strict=True)
    ]
    shapes += [_box(boxes[index[name]], name) for name in names]
    return (
        f'<svg width="{left:.0f}" height="{lowest * _ROW + 2 * _MARGIN}" role="img">'
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>\n'
        + "\n".join(shapes)
        + "\n</svg>"
    )


def _box(box: tuple[float, float, float], name: str) -> str:
    x, y, width = box
    shown = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return (
        f'<g><title>{html.escape(name)}</title><rect x="{x:.1f}" y="{y:.1f}" rx="4" '
        f'width="{width:.1f}" height="{_NODE_HEIGHT}"/><text x="{x + 8:.1f}" '
        f'y="{y + 19:.1f}">{html.escape(shown)}</text></g>'
    )


def _line(
    source: tuple[float, float, float],
    target: tuple[float, float, float],
    label: str,
    title: dict[str, str],
) -> str:
    x1, y1 = source[0] + source[2], source[1] + _NODE_HEIGHT / 2
    x2, y2 = target[0], target[1] + _NODE_HEIGHT / 2
    bend = max(40.0, abs(x2 - x1) / 2)
    words = html.escape(", ".join(f"{key}: {value}" for key, value in title.items()))
    middle = f'x="{(x1 + x2) / 2:.1f}" y="{(y1 + y2) / 2 - 4:.1f}"'
    return (
        f"<g><title>{words}</title>"
        f'<path marker-end="url(#end)" d="M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} '
        f'{x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'
        f'<text class="rate" text-anchor="middle" {middle}>{html.escape(label)}</text></g>'
    )
