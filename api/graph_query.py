"""From the parameters of a request to the graph that it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from api.config import ApiConfig
from api.errors import bad_parameter
from api.parameters import Parameters
from api.search_query import read_window
from api.times import parse_time
from model.graph.edge import View
from model.graph.expression import Expression, ExpressionError, hide, parse_expression
from model.graph.filters import FocusDirection, above_rate, around, touching
from model.graph.health import HealthRules
from model.graph.project import Projection
from model.graph.view import BoxKind, Graph, GraphType

__all__ = [
    "DRAWING",
    "FILTERS",
    "REPEATED",
    "GraphFilter",
    "graph_window",
    "read_comparison",
    "read_drawing",
    "read_expression",
    "read_filter",
    "read_versions",
    "read_view",
]

DRAWING = ("type", "gateways", "waypoints", "idle")
FILTERS = ("focus", "depth", "direction", "min_rate", "hide")
REPEATED = ("namespace", "cluster", "box")

MAX_DEPTH = 100
MAX_RATE = 1e9
_MAX_REPEATS = 100
_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS

_TYPES = {each.value: each for each in GraphType}
_BOXES = {kind.value: kind for kind in BoxKind}
_DIRECTIONS = {direction.value: direction for direction in FocusDirection}
_NODE_OR_PASS = {"node": True, "pass": False}
_VIEWS = {
    (True, True): View.GATEWAYS_WAYPOINTS,
    (True, False): View.GATEWAYS,
    (False, True): View.WAYPOINTS,
    (False, False): View.NEITHER,
}


@dataclass(frozen=True, slots=True)
class GraphFilter:
    """Which part of a graph is asked for; empty is all of it.

    Attributes:
        focus: a node by name, with what is ``depth`` calls (None: any number) away from it.
        min_rate: calls a second below which an edge is left out.
        hide: what is taken away at the end; None for nothing.
    """

    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    focus: str = ""
    depth: int | None = None
    direction: FocusDirection = FocusDirection.BOTH
    min_rate: float = 0.0
    hide: Expression | None = None

    def apply(self, graph: Graph) -> Graph:
        """Return the part."""
        graph = touching(graph, self.namespaces, self.clusters)
        if self.min_rate:
            graph = above_rate(graph, self.min_rate)
        if self.focus:
            graph = around(graph, self.focus, self.depth, self.direction)
        return graph if self.hide is None else hide(graph, self.hide, self.namespaces)


def graph_window(parameters: Parameters, config: ApiConfig, now_ns: int) -> tuple[int, int]:
    """Return the window [from, to) of a graph.

    One that counts back from its end and is longer than two minutes starts at a whole minute:
    only its end is then not in the rollups.
    """
    default_ns = config.default_graph_window_s * _SECOND_NS
    from_ns, to_ns = read_window(parameters, now_ns, default_ns)
    if not parameters.has("from") and _starts_at_minutes(to_ns - from_ns):
        from_ns -= from_ns % _MINUTE_NS
    return from_ns, to_ns


def _starts_at_minutes(length_ns: int) -> bool:
    return length_ns > 2 * _MINUTE_NS


def read_drawing(parameters: Parameters, health: HealthRules) -> Projection:
    """Return how the graph is drawn. Raises ApiError, a 400."""
    return Projection(
        type=parameters.choice("type", _TYPES) or GraphType.WORKLOAD,
        view=read_view(parameters),
        boxes=tuple(parameters.texts("box", _box, limit=len(_BOXES))),
        health=health,
    )


def read_view(parameters: Parameters) -> View:
    """Return whether gateways and waypoints are nodes. Raises ApiError, a 400."""
    return _VIEWS[
        _or(parameters.choice("gateways", _NODE_OR_PASS), default=True),
        _or(parameters.choice("waypoints", _NODE_OR_PASS), default=False),
    ]


def read_filter(parameters: Parameters) -> GraphFilter:
    """Return which part of the graph is asked for. Raises ApiError, a 400."""
    for name in ("depth", "direction"):
        if parameters.has(name) and not parameters.has("focus"):
            raise bad_parameter(name, "needs a focus to start from")
    return GraphFilter(
        namespaces=tuple(parameters.texts("namespace", str, limit=_MAX_REPEATS)),
        clusters=tuple(parameters.texts("cluster", str, limit=_MAX_REPEATS)),
        focus=parameters.text("focus"),
        depth=parameters.integer("depth", 1, minimum=1, maximum=MAX_DEPTH),
        direction=parameters.choice("direction", _DIRECTIONS) or FocusDirection.BOTH,
        min_rate=parameters.number("min_rate", minimum=0, maximum=MAX_RATE) or 0.0,
        hide=read_expression(parameters, "hide"),
    )


def read_expression(parameters: Parameters, name: str) -> Expression | None:
    """Return the expression of ``find`` or ``hide``. Raises ApiError, a 400, with its hint."""
    text = parameters.text(name)
    try:
        return parse_expression(text) if text else None
    except ExpressionError as error:
        raise bad_parameter(name, str(error), error.hint or None) from error


def _box(text: str) -> BoxKind:
    if text not in _BOXES:
        raise ValueError(f"{text!r} is none of {', '.join(_BOXES)}")
    return _BOXES[text]


def _or(value: bool | None, *, default: bool) -> bool:
    return default if value is None else value


def read_comparison(parameters: Parameters, from_ns: int, to_ns: int) -> tuple[int, int] | None:
    """Return the window to compare ``[from, to)`` with; None if there is none asked for.

    ``previous`` is the window of the same length just before, from a whole minute on if the other
    window starts at one; else it is ``FROM/TO``.
    """

    def parse(text: str) -> tuple[int, int]:
        if text == "previous":
            start_ns = max(0, 2 * from_ns - to_ns)
            if _starts_at_minutes(to_ns - from_ns) and from_ns % _MINUTE_NS == 0:
                start_ns -= start_ns % _MINUTE_NS
            return start_ns, from_ns
        start, slash, end = text.partition("/")
        if not slash:
            raise ValueError(f"{text!r} is neither previous nor FROM/TO")
        window = parse_time(start), parse_time(end)
        if window[0] >= window[1]:
            raise ValueError("FROM must be earlier than TO")
        return window

    found = parameters.parsed("compare", parse)
    if found is not None and found[0] >= found[1]:
        raise bad_parameter("compare", "there is no time before this window")
    return found


def read_versions(parameters: Parameters) -> tuple[str, str] | None:
    """Return the two versions to compare, of the parameter ``service``; None for none."""

    def parse(text: str) -> tuple[str, str]:
        versions = text.split(",")
        if len(versions) != 2 or not all(versions):
            raise ValueError(f"{text!r} is not two versions, such as v1,v2")
        return versions[0], versions[1]

    parameters.exclusive("compare_versions", ("compare",))
    for one, other in (("compare_versions", "service"), ("service", "compare_versions")):
        if parameters.has(one) and not parameters.has(other):
            raise bad_parameter(one, f"goes with {other} only")
    return parameters.parsed("compare_versions", parse)
