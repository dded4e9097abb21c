"""Stored traces are counted once, when they are old enough, and never uncounted (rule G44)."""

from dataclasses import replace
from itertools import pairwise

import pytest

from model.graph.calls import Sampling
from spanloom.mesh_metrics.config import MeshMetricsConfig, MetricSet
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.self_metrics import mesh_metrics_dropped_series, mesh_metrics_late_traces
from storage.interface import StoreUnavailable
from tests.graph.memory import MemoryGraph
from tests.model.bookinfo import START_NS, bookinfo_spans
from tests.spanloom.mesh_metrics.places import table_samples, value_of

SECOND = 1_000_000_000
HOLD_S = 30
STARTED_NS = START_NS + 60 * SECOND  # of the service


def request(number, at_s, *names):
    """Bookinfo's trace as request ``number``, ``at_s`` after the service started."""
    later = STARTED_NS + at_s * SECOND - START_NS
    return [
        replace(span, trace_id=f"{number:032x}", start_ns=span.start_ns + later)
        for span in bookinfo_spans()
        if not names or span.service_name.partition(".")[0] in names
    ]


class Stored(MemoryGraph):
    """A store to which spans come, with the metrics made from it."""

    def __init__(self, **settings):
        super().__init__([])
        self.stored = []
        self.windows = []
        self.is_away = False
        config = MeshMetricsConfig(enabled=True, hold_s=HOLD_S, **settings)
        self.table = SeriesTable(config.prefix, config.max_series)
        self.metrics = MeshMetrics(config, self.table, self, Sampling(), STARTED_NS)

    def add(self, spans):
        self.stored += spans
        super().__init__(self.stored, settled_ns=STARTED_NS)

    def spans(self, from_ns, to_ns, **options):
        """Give a chunk a trace; while away, fail after the first."""
        self.windows.append((from_ns, to_ns))
        for chunk in super().spans(from_ns, to_ns, chunk_spans=1, **options):
            yield chunk
            if self.is_away:
                raise StoreUnavailable("away")

    def read(self, at_s):
        self.metrics.read(STARTED_NS + at_s * SECOND)

    def count(self, name, **labels):
        return value_of(table_samples(self.table), name, **labels)

    def requests(self):
        """Requests that productpage sent to details; one in each trace."""
        to_details = {"destination_app": "details", "source_app": "productpage"}
        return self.count("istio_requests_total", reporter="source", **to_details)


def late(kind):
    return mesh_metrics_late_traces.labels(kind)._value.get()


def test_traces_are_counted_when_they_are_as_old_as_they_are_held():
    store = Stored()
    store.add([*request(1, 1), *request(2, 5)])
    store.read(30)
    assert 0.0 == store.requests()
    store.read(32)
    assert 1.0 == store.requests()
    store.read(36)
    assert 2.0 == store.requests()


def test_windows_are_half_open_and_adjacent_from_the_start_on():
    store = Stored()
    for at_s in (3, 10, 200):
        store.read(at_s)
    ends = [HOLD_S * -1, -27, -20, 40, 100, 160, 170]
    nanoseconds = [STARTED_NS + end * SECOND for end in ends]
    assert list(pairwise(nanoseconds)) == store.windows


def test_traces_from_before_the_start_are_not_counted():
    store = Stored()
    store.add([*request(1, -31), *request(2, -30)])
    store.read(60)
    assert 1.0 == store.requests()


def test_a_clock_that_is_set_back_counts_nothing_twice():
    store = Stored()
    store.add(request(1, 1))
    for at_s in (40, 20, 50):
        store.read(at_s)
    assert 1.0 == store.requests()


def test_a_late_trace_changes_no_counter_and_is_reported():
    store = Stored()
    store.add([*request(1, 1), *request(2, 3, "productpage")])
    store.read(40)
    before, missed, incomplete = table_samples(store.table), late("missed"), late("incomplete")
    store.add([*request(3, 2), *request(2, 3, "details", "reviews")])
    store.read(41)
    store.read(400)
    assert before == table_samples(store.table)
    assert (1, 1) == (late("missed") - missed, late("incomplete") - incomplete)


def test_a_late_trace_is_reported_in_a_window_that_was_empty():
    store = Stored()
    store.read(40)
    missed = late("missed")
    store.add(request(3, 2))
    store.read(400)
    store.read(800)
    assert 1 == late("missed") - missed


def test_a_trace_that_a_late_root_moves_in_time_is_counted_once():
    store = Stored()
    # Its root has a later start than the spans below it, by a clock that is ahead.
    below = request(1, 1, "details", "productpage")
    store.add([span for span in below if span.parent_span_id])
    store.read(40)
    (root,) = [span for span in request(1, 15) if not span.parent_span_id]
    store.add([root])
    store.read(60)
    assert 1.0 == store.requests()


def test_a_window_that_could_not_be_read_to_its_end_is_counted_once_when_it_can():
    store = Stored()
    store.add([*request(1, 1), *request(2, 2)])
    store.is_away = True
    with pytest.raises(StoreUnavailable):
        store.read(60)
    assert {} == table_samples(store.table)
    store.is_away = False
    store.read(70)
    assert 2.0 == store.requests()


def test_each_call_is_counted_in_one_view_with_the_gateway_as_a_service():
    store = Stored()
    store.add(request(1, 1))
    store.read(60)
    requests = "traces_service_graph_request_total"
    gateway, page = "istio-ingressgateway.istio-system", "productpage.default"
    assert 1.0 == store.count(requests, client="user", server=gateway)
    assert 1.0 == store.count(requests, client=gateway, server=page)
    assert 0.0 == store.count(requests, client="user", server=page)
    assert 5.0 == store.count(requests)


def test_a_failed_call_has_its_code_and_flags():
    store = Stored()
    store.add(request(1, 1))
    store.read(60)
    failed = {"source_app": "reviews", "response_code": "503", "response_flags": "UF,URX"}
    assert 1.0 == store.count("istio_requests_total", reporter="source", **failed)
    assert 1.0 == store.count("traces_service_graph_request_failed_total", server="ratings.default")
    assert 1.0 == store.count(
        "traces_spanmetrics_calls_total",
        service="reviews.default",
        span_kind="SPAN_KIND_CLIENT",
        status_code="STATUS_CODE_ERROR",
    )


def test_callers_are_found_by_the_address_of_their_pod():
    """Its caller's spans are in no trace, but its pod made some in others."""
    store = Stored()
    store.add([*request(1, 1), *request(2, 1, "details")])
    store.read(60)
    found = {"source_workload": "productpage-v1", "destination_workload": "details-v1"}
    assert 2.0 == store.count("istio_requests_total", reporter="destination", **found)


def test_only_the_wanted_sets_are_made():
    store = Stored(sets=(MetricSet.SERVICE_GRAPH,), prefix="spanloom_")
    store.add(request(1, 1))
    store.read(60)
    names = table_samples(store.table)
    assert "spanloom_traces_service_graph_request_total" in names
    assert all(name.startswith("spanloom_traces_service_graph_") for name in names)


def test_series_beyond_the_limit_are_reported():
    store = Stored(sets=(MetricSet.SERVICE_GRAPH,), max_series=3)
    dropped = mesh_metrics_dropped_series._value.get()
    store.add(request(1, 1))
    store.read(60)
    assert 3 == len(store.table)
    assert mesh_metrics_dropped_series._value.get() > dropped


def test_series_without_traffic_are_no_longer_served_after_a_while():
    store = Stored(expire_s=100)
    store.add(request(1, 1))
    store.read(40)
    store.read(140)
    assert 1.0 == store.requests()
    store.read(141)
    assert {} == table_samples(store.table)
