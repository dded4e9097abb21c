"""The pipeline that the rules run through: OTLP bytes in, the edges of the store out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.config import ProcessorConfig, default_processors
from collector.decode import Decoder
from collector.processors import Chain
from model.columns import WELL_KNOWN
from model.graph.dependencies import dependencies
from model.graph.edge import EdgeKey, Via, View
from model.graph.measures import EdgeTable, Measures
from model.graph.place import Place, PlaceKind
from model.graph.project import Projection, project
from model.graph.resolve import resolve
from model.graph.view import Graph, GraphType
from storage.interface import Store
from tests.collector.builders import key_values
from tests.graph.rules.mesh import CLUSTER, NAMESPACE
from tests.graph.rules.sent import MS, Sent, Trace

__all__ = ["MINUTE_NS", "TIMEOUT_S", "Arrival", "Backend", "Window", "edge_lines", "label"]

T = TypeVar("T")

TIMEOUT_S = 60.0
MINUTE_NS = 60_000_000_000
_FIRST_NS = 1_795_000_020_000_000_000  # a whole minute
_HOME = ("", NAMESPACE, "istio-system")


class Arrival(StrEnum):
    """How spans reach the store, and what answers then if rollups run."""

    IN_ORDER = "in order, computed live"
    REVERSED = "reversed, answered from rollups"
    IN_TWO_PARTS = "in two parts, rolled up between them"


class Window:
    """A piece of time of a store, with traces that are nobody else's.

    Attributes:
        start_ns: where its time begins: the ``at`` of traces counts from here.
    """

    def __init__(self, store: Store, free_minutes: Iterator[int], minutes: int) -> None:
        taken = [next(free_minutes) for _ in range(minutes)]
        self.store = store
        self.number = taken[0]
        self.start_ns = _FIRST_NS + taken[0] * MINUTE_NS
        self.end_ns = _FIRST_NS + (taken[-1] + 1) * MINUTE_NS

    def table(self, minute: int | None = None) -> EdgeTable:
        """The raw edges of the window, or of one minute of it."""
        from_ns, to_ns = self.start_ns, self.end_ns
        if minute is not None:
            from_ns += minute * MINUTE_NS
            to_ns = from_ns + MINUTE_NS
        return self.store.graph.edges(from_ns, to_ns, timeout_s=TIMEOUT_S)

    def resolved(self) -> tuple[EdgeTable, tuple[Place, ...]]:
        """Edges and places with what the window tells about addresses and names."""
        found = self.store.graph.window(self.start_ns, self.end_ns, timeout_s=TIMEOUT_S)
        return resolve(found.edges, found.places, found.pods)


class Backend:
    """A store that gets the same traces once in each way of arrival, each in a window of its own.

    What it tells is what all windows tell; that they agree is asserted. The first window stands
    for all where a test looks closer.

    Args:
        store: where to.
        free_minutes: of the store's time, rising; the windows take theirs from it.
        arrivals: in which ways.
        minutes: length of a window.
        rolls_up: whether rollups run in the middle; else all is computed live.
    """

    def __init__(
        self,
        store: Store,
        free_minutes: Iterator[int],
        arrivals: Sequence[Arrival] = tuple(Arrival),
        minutes: int = 1,
        rolls_up: bool = False,
    ) -> None:
        self.store = store
        self._rolls_up = rolls_up
        self.windows = {one: Window(store, free_minutes, minutes) for one in arrivals}
        self.window = next(iter(self.windows.values()))
        self._traces: list[Trace] = []
        self._next_id = 1

    def receive(
        self,
        *traces: Trace | Sent,
        processors: Sequence[ProcessorConfig] | None = None,
    ) -> None:
        """Take in ``traces`` by the whole pipeline.

        A span by itself is the root of a trace; one that has its place in a trace already comes
        alone, as a late or repeated one does.
        """
        spans = [sent for given in traces for sent in self._spans(given)]
        first, second = ExportTraceServiceRequest(), ExportTraceServiceRequest()
        for arrival, window in self.windows.items():
            match arrival:
                case Arrival.IN_ORDER:
                    self._send(second, window, spans)
                case Arrival.REVERSED:
                    self._send(first, window, spans[::-1])
                case Arrival.IN_TWO_PARTS:
                    self._send(first, window, spans[1::2])
                    self._send(second, window, spans[::2])
        chain = Chain(default_processors() if processors is None else processors, WELL_KNOWN)
        for request in (first, second):
            batch = chain.process(Decoder().decode(request.SerializeToString()))
            self.store.writer.write(batch, [])
            if request is first and self._rolls_up:
                self.store.roll_up(max(one.end_ns for one in self.windows.values()) + MINUTE_NS)

    def _spans(self, given: Trace | Sent) -> list[Sent]:
        if isinstance(given, Sent):
            if given.trace is not None:
                return [given]
            given = Trace([given])
        if given not in self._traces:
            self._traces.append(given)
            self._next_id = given.place(self._next_id)
        return given.spans()

    def _send(
        self, request: ExportTraceServiceRequest, window: Window, spans: Iterable[Sent]
    ) -> None:
        for sent in spans:
            resource_spans = request.resource_spans.add()
            resource_spans.resource.attributes.extend(key_values(sent.resource))
            span = sent.message(self.trace_id(sent, window), window.start_ns)
            for linked in sent.links:
                span.links.add(
                    trace_id=self.trace_id(linked, window),
                    span_id=linked.span_id.to_bytes(8, "big"),
                )
            resource_spans.scope_spans.add().spans.append(span)

    def trace_id(self, sent: Sent, window: Window | None = None) -> bytes:
        """The trace id that a span is sent with, in the first window unless told."""
        assert sent.trace is not None, "the span has no place in a trace yet"
        place = (window or self.window).number
        number = self._traces.index(sent.trace.joins or sent.trace) + 1
        upper = 0 if sent.trace.short_id else place + 1
        return upper.to_bytes(8, "big") + (place << 16 | number).to_bytes(8, "big")

    def _in_all(self, read: Callable[[Window], T]) -> T:
        found = {arrival: read(window) for arrival, window in self.windows.items()}
        expected = found[next(iter(found))]
        assert dict.fromkeys(found, expected) == found
        return expected

    def edges(self, view: View = View.GATEWAYS, minute: int | None = None) -> list[str]:
        """The edges in one view, as :func:`edge_lines`; of one minute if told."""
        return self._in_all(lambda window: edge_lines(window.table(minute), view))

    def resolved(self) -> list[str]:
        """The resolved edges, as :func:`edge_lines`."""
        return self._in_all(lambda window: edge_lines(window.resolved()[0]))

    def dependencies(self) -> list[str]:
        """What a dependency list says: ``productpage.default -> reviews.default 3``."""
        found = self._in_all(lambda window: dependencies(window.resolved()[0]))
        return [f"{one.parent} -> {one.child} {one.call_count}" for one in found]

    def keys(self) -> list[EdgeKey]:
        """All keys, in order."""
        return self._in_all(lambda window: sorted(window.table().keys, key=repr))

    def key(self, source: str, destination: str, view: View = View.GATEWAYS) -> EdgeKey:
        """The one key between two places, by their labels."""
        (found,) = [
            key
            for key in self.keys()
            if key.views & view
            and (label(key.source), label(key.destination)) == (source, destination)
        ]
        return found

    def total(self, measure: str) -> float:
        """The sum over all edges of a measure, such as ``response_bytes``."""
        return self._in_all(lambda window: _sum(window, attrgetter(measure)))

    def milliseconds(self, side: str) -> float:
        """The sum over all edges of the latencies as ``client``, ``server`` or ``lag``."""
        return self._in_all(lambda window: _sum(window, attrgetter(f"{side}.sums_ns"))) / MS

    def by_callee(self, measure: str) -> dict[str, float]:
        """A measure by the callee and its version (``reviews v1``)."""
        return self._in_all(lambda window: _by_callee(window.table(), measure))

    def draw(self, type: GraphType = GraphType.WORKLOAD, settled_ns: int | None = None) -> Graph:
        """The drawn graph of the first window."""
        edges, places = self.window.resolved()
        return project(
            edges,
            places,
            self.window.start_ns,
            self.window.end_ns,
            Projection(type=type),
            settled_ns=settled_ns,
        )


def _sum(window: Window, column: Callable[[Measures], npt.NDArray[np.float64]]) -> float:
    table = window.table()
    shown = [bool(key.views & View.GATEWAYS) for key in table.keys]
    return float(column(table.measures)[shown].sum())


def _by_callee(table: EdgeTable, measure: str) -> dict[str, float]:
    found: Counter[str] = Counter()
    for key, value in zip(table.keys, getattr(table.measures, measure).tolist(), strict=True):
        if key.views & View.GATEWAYS:
            found[f"{label(key.destination)} {key.destination.version}".rstrip()] += value
    return dict(found)


def edge_lines(table: EdgeTable, view: View = View.GATEWAYS) -> list[str]:
    """Edges as ``productpage -> reviews 3/1``: 3 calls, 1 of them in error; sorted.

    Marks follow where they hold: ``asynchronous``, ``inferred``, ``via gateway``. Keys that
    differ only in codes, hosts and the like are one line; places that differ never are.
    """
    calls: Counter[tuple[Place, Place, str]] = Counter()
    errors: Counter[tuple[Place, Place, str]] = Counter()
    for row, key in enumerate(table.keys):
        if key.views & view:
            ends = (key.source, key.destination, _marks(key))
            calls[ends] += int(table.measures.calls[row])
            errors[ends] += int(table.measures.errors[row])
    return sorted(
        f"{label(ends[0])} -> {label(ends[1])} {count}/{errors[ends]}{ends[2]}"
        for ends, count in calls.items()
    )


def _marks(key: EdgeKey) -> str:
    marks = [
        "asynchronous" if key.asynchronous else "",
        "inferred" if key.inferred else "",
        f"via {key.via}" if key.via is not Via.NOTHING else "",
    ]
    return "".join(f" {mark}" for mark in marks if mark)


def label(place: Place) -> str:
    """A place in a word: its service, with namespace and cluster where they are not home.

    What has no spans of its own shows its kind: ``mysql:3306 (database)``.
    """
    match place.kind:
        case PlaceKind.WORKLOAD | PlaceKind.GATEWAY | PlaceKind.WAYPOINT | PlaceKind.SERVICE:
            name = place.service
            name += f".{place.namespace}" if place.namespace not in _HOME else ""
            name += f"@{place.cluster}" if place.cluster not in ("", CLUSTER) else ""
            return f"{name} (service)" if place.kind is PlaceKind.SERVICE else name
        case PlaceKind.INGRESS | PlaceKind.UNKNOWN:
            return place.name
        case _:
            return f"{place.name} ({place.kind})"
