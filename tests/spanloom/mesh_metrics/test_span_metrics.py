"""Metrics of spans have Tempo's and the Collector's names, labels and buckets."""

import numpy as np
import pytest

from model.graph.edge import OperationKey
from model.span import SpanKind, StatusCode
from spanloom.mesh_metrics.span_metrics import observe_collector_spans, observe_tempo_spans
from tests.graph.tables import operation_spans
from tests.spanloom.mesh_metrics.places import PAGE, samples, value_of

GET = OperationKey(PAGE, "GET /", SpanKind.SERVER, StatusCode.UNSET, code="200")
FAILED = OperationKey(PAGE, "GET /", SpanKind.SERVER, StatusCode.ERROR, code="500")


def told(observe, *groups):
    spans = operation_spans(groups)
    return samples(observe(spans, spans.keys, np.ones(len(spans.key), np.bool_)))


@pytest.mark.parametrize(
    ("observe", "service", "calls", "sum_name", "seconds"),
    [
        (
            observe_tempo_spans,
            "service",
            "traces_spanmetrics_calls_total",
            "traces_spanmetrics_latency_sum",
            0.3,
        ),
        (
            observe_collector_spans,
            "service_name",
            "traces_span_metrics_calls_total",
            "traces_span_metrics_duration_milliseconds_sum",
            300.0,
        ),
    ],
)
def test_spans_are_counted_by_service_name_kind_and_status(
    observe, service, calls, sum_name, seconds
):
    found = told(observe, (GET, {"spans": 3, "duration_ms": 100.0}))
    labels = {
        service: "page.shop",
        "span_name": "GET /",
        "span_kind": "SPAN_KIND_SERVER",
        "status_code": "STATUS_CODE_UNSET",
    }
    assert {frozenset(labels.items()): 3.0} == found[calls]
    assert {frozenset(labels.items()): pytest.approx(seconds)} == found[sum_name]


def test_tempos_buckets_double_from_2_ms():
    found = told(observe_tempo_spans, (GET, {"duration_ms": 4.0}))
    name = "traces_spanmetrics_latency_bucket"
    bounds = [float(dict(labels)["le"]) for labels in found[name]]
    assert [0.002 * 2**power for power in range(14)] == pytest.approx(bounds[:-1])
    assert [0.0, 1.0] == [value_of(found, name, le=bound) for bound in ("0.002", "0.004")]


def test_the_collectors_buckets_are_milliseconds():
    found = told(observe_collector_spans, (GET, {"duration_ms": 4.0}))
    name = "traces_span_metrics_duration_milliseconds_bucket"
    bounds = [dict(labels)["le"] for labels in found[name]]
    expected = "2 4 6 8 10 50 100 200 400 800 1000 1400 2000 5000 10000 15000 +Inf"
    assert expected.split() == bounds


def test_spans_marked_as_errors_by_a_tag_alone_have_the_status_of_errors():
    found = told(observe_tempo_spans, (GET, {"spans": 5, "errors": 2}), (FAILED, {"errors": 1}))
    calls = "traces_spanmetrics_calls_total"
    assert 3.0 == value_of(found, calls, status_code="STATUS_CODE_UNSET")
    assert 3.0 == value_of(found, calls, status_code="STATUS_CODE_ERROR")


def test_sampled_spans_count_as_often_as_they_stand_for():
    found = told(observe_tempo_spans, (GET, {"spans": 3, "probability": 0.5, "duration_ms": 1000}))
    assert 6.0 == value_of(found, "traces_spanmetrics_calls_total")
    assert 6.0 == value_of(found, "traces_spanmetrics_latency_sum")
