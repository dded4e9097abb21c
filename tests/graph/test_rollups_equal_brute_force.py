"""The store's graph against the brute force, however spans come and whenever rollups run."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from model.graph.calls import Sampling
from model.graph.measures import EdgeTable, OperationTable
from model.span import Link, Span, SpanKind
from storage.config import RollupConfig
from storage.interface import Store
from tests.engines import Engine
from tests.graph.columns import trace_times
from tests.graph.comparison import plain_expected, plain_table
from tests.graph.meshes import START_NS, mesh_spans, seeds
from tests.graph.reference import Expected, reference
from tests.storage.batches import batch_from_spans
from tests.storage.spans import make_span

TIMEOUT_S = 60.0
SAMPLING = Sampling(services={"cart": 0.5, "reviews.shop": 0.1})
MINUTE_NS = 60_000_000_000


HOUR_NS = 60 * MINUTE_NS

# One example after the other has three hours of the store's time, because opening a store takes
# longer than most examples.
_hours = itertools.count(0, 3)


@pytest.fixture(scope="module")
def store(engine: Engine) -> Iterator[Store]:
    with engine.place() as open_it:
        yield open_it(rollups=RollupConfig(sampling=SAMPLING))


class Delivery:
    """Spans on their way to a store: in any order and portions, some more than once."""

    def __init__(self, seed: int, store: Store) -> None:
        hour = next(_hours)
        self.start_ns = START_NS + hour * HOUR_NS
        self.end_ns = self.start_ns + 6 * MINUTE_NS
        self.arrived: list[Span] = []
        self._choose = Random(seed)
        self._store = store
        spans = _spread(self._choose, _linked(self._choose, mesh_spans(seed, minutes=4)))
        self._waiting = [_moved(span, hour) for span in spans]
        self._put_in_order()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def deliver(self) -> None:
        """Write the next portion, with some of what came before, and perhaps roll up."""
        count = self._choose.choice((3, 10, 40))
        portion, self._waiting = self._waiting[:count], self._waiting[count:]
        repeats = self._choose.choices(portion + self.arrived, k=self._choose.randrange(4))
        self._store.writer.write(batch_from_spans(portion + repeats), [])
        self.arrived += portion
        if self._choose.random() < 0.5:
            self.roll_up()

    def roll_up(self) -> None:
        after_ns = self._choose.choice((self._choose.randrange(8 * MINUTE_NS), HOUR_NS))
        self._store.roll_up(self.start_ns + after_ns)

    def _put_in_order(self) -> None:
        """Choose an order: any, or one in which traces change their time, or links wait."""
        self._choose.shuffle(self._waiting)
        linked = {link for span in self._waiting for link in _ids_of_links(span)}
        orders: tuple[Callable[[Span], int], ...] = (
            lambda _: 0,
            lambda span: -span.start_ns,
            lambda span: not span.parent_span_id,
            lambda span: (span.trace_id, span.span_id) in linked,
        )
        self._waiting.sort(key=self._choose.choice(orders))

    def window(self) -> tuple[int, int]:
        """Some window over a part of the data, on whole minutes or not."""
        unit_ns = self._choose.choice((1, MINUTE_NS))
        ends = sorted(
            self._choose.randrange(self.start_ns - MINUTE_NS, self.end_ns) // unit_ns * unit_ns
            for _ in range(2)
        )
        return ends[0], ends[1]

    def expected(self, from_ns: int, to_ns: int) -> Expected:
        times = trace_times(self.arrived)
        spans = [span for span in self.arrived if from_ns <= times[span.trace_id] < to_ns]
        return reference(spans, SAMPLING, stored=self.arrived)

    def assert_window_is_right(self, from_ns: int, to_ns: int) -> None:
        graph = self._store.graph
        expected = self.expected(from_ns, to_ns)
        assert_equal(
            expected,
            graph.edges(from_ns, to_ns, timeout_s=TIMEOUT_S),
            graph.operations(from_ns, to_ns, timeout_s=TIMEOUT_S),
        )
        window = graph.window(from_ns, to_ns, timeout_s=TIMEOUT_S)
        assert plain_expected(expected.edges) == plain_table(window.edges)
        assert sorted({key.place for key in expected.operations}) == sorted(window.places)
        assert tuple(graph.pods(from_ns, to_ns, timeout_s=TIMEOUT_S)) == window.pods


def assert_equal(expected: Expected, edges: EdgeTable, operations: OperationTable) -> None:
    assert plain_expected(expected.edges) == plain_table(edges)
    assert plain_expected(expected.operations) == plain_table(operations)


def _ids_of_links(span: Span) -> set[tuple[str, str]]:
    return {(link.trace_id, link.span_id) for link in span.links}


def _linked(choose: Random, spans: list[Span]) -> list[Span]:
    """Let consumers have one more link, to whatever there is in any trace."""
    # Reports of one span and start stay equal, because the store keeps one of them.
    named = {(span.trace_id, span.span_id): choose.choice(spans) for span in spans}
    linked = []
    for span in spans:
        other = named[span.trace_id, span.span_id]
        link = Link(other.trace_id, other.span_id)
        is_consumer = span.kind is SpanKind.CONSUMER
        linked.append(replace(span, links=(*span.links, link)) if is_consumer else span)
    return linked


def _spread(choose: Random, spans: list[Span]) -> list[Span]:
    """Let some traces last for minutes."""
    long = {span.trace_id for span in spans if choose.random() < 0.2}
    return [
        replace(span, start_ns=span.start_ns + choose.choice((0, 0, 70_000_000_000)))
        if span.trace_id in long
        else span
        for span in spans
    ]


def _moved(span: Span, hours: int) -> Span:
    return replace(
        span,
        trace_id=_moved_id(span.trace_id, hours),
        start_ns=span.start_ns + hours * HOUR_NS,
        links=tuple(replace(link, trace_id=_moved_id(link.trace_id, hours)) for link in span.links),
    )


def _moved_id(trace_id: str, hours: int) -> str:
    return f"{trace_id[:4]}{hours:08x}{trace_id[12:]}"


@settings(max_examples=settings.default.max_examples // 4)
@given(seed=seeds)
def test_any_window_is_right_at_any_moment(store: Store, seed: int) -> None:
    delivery = Delivery(seed, store)
    while delivery:
        delivery.deliver()
        delivery.assert_window_is_right(*delivery.window())


@settings(max_examples=settings.default.max_examples // 8)
@given(seed=seeds)
def test_when_all_is_there_and_rolled_up_every_step_is_right(store: Store, seed: int) -> None:
    delivery = Delivery(seed, store)
    while delivery:
        delivery.deliver()
    delivery.assert_window_is_right(delivery.start_ns, delivery.end_ns)
    store.roll_up(delivery.end_ns + MINUTE_NS)
    delivery.assert_window_is_right(delivery.start_ns, delivery.end_ns)

    from_ns, to_ns = delivery.window()
    for step_ns in (MINUTE_NS, 45_000_000_007):
        edges = store.graph.edge_steps(from_ns, to_ns, step_ns, timeout_s=TIMEOUT_S)
        operations = store.graph.operation_steps(from_ns, to_ns, step_ns, timeout_s=TIMEOUT_S)
        starts = range(from_ns, to_ns, step_ns)
        assert len(starts) == len(edges) == len(operations)
        for start_ns, *tables in zip(starts, edges, operations, strict=True):
            expected = delivery.expected(start_ns, min(start_ns + step_ns, to_ns))
            assert_equal(expected, tables[0], tables[1])


@settings(max_examples=settings.default.max_examples // 8)
@given(seed=seeds)
def test_whole_hours_are_right_before_and_after_late_spans(store: Store, seed: int) -> None:
    delivery = Delivery(seed, store)
    from_ns = delivery.start_ns // HOUR_NS * HOUR_NS
    to_ns = from_ns + 2 * HOUR_NS
    delivery.deliver()
    store.roll_up(to_ns + MINUTE_NS)
    delivery.assert_window_is_right(from_ns, to_ns)
    while delivery:
        delivery.deliver()
        delivery.assert_window_is_right(from_ns, to_ns)
    store.roll_up(to_ns + MINUTE_NS)

    delivery.assert_window_is_right(from_ns, to_ns)


def test_a_linked_span_of_another_minute_corrects_the_minute_of_the_consumer(store: Store) -> None:
    start_ns = START_NS + next(_hours) * HOUR_NS
    sent = make_span(
        0xA1, name="send", kind=SpanKind.PRODUCER, start_ns=start_ns, service_name="shop"
    )
    received = make_span(
        0xB1,
        name="receive",
        kind=SpanKind.CONSUMER,
        start_ns=start_ns + 3 * MINUTE_NS,
        service_name="mailer",
        links=(Link(sent.trace_id, sent.span_id),),
    )
    callers = []
    for spans in ([received], [sent]):
        store.writer.write(batch_from_spans(spans), [])
        store.roll_up(start_ns + HOUR_NS)
        edges = store.graph.edges(start_ns, start_ns + HOUR_NS, timeout_s=TIMEOUT_S)
        callers.append([key.source.name for key in edges.keys])

    assert [["unknown"], ["shop"]] == callers
