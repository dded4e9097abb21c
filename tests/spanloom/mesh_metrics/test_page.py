"""``/metrics/mesh`` in both formats, as Prometheus' own tool and parsers read it."""

import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from model.graph.edge import OperationKey
from model.span import SpanKind, StatusCode
from spanloom.mesh_metrics.istio import observe_istio
from spanloom.mesh_metrics.page import render
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.mesh_metrics.service_graph import observe_service_graph
from spanloom.mesh_metrics.span_metrics import observe_collector_spans, observe_tempo_spans
from tests.graph.tables import operation_spans
from tests.spanloom.mesh_metrics.places import HTTP, NOW_NS, PAGE, observed_by

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"
EVERY_FAMILY = {
    "istio_requests",
    "istio_request_duration_milliseconds",
    "istio_request_bytes",
    "istio_response_bytes",
    "traces_service_graph_request",
    "traces_service_graph_request_failed",
    "traces_service_graph_request_server_seconds",
    "traces_service_graph_request_client_seconds",
    "traces_service_graph_request_messaging_system_seconds",
    "traces_spanmetrics_calls",
    "traces_spanmetrics_latency",
    "traces_span_metrics_calls",
    "traces_span_metrics_duration_milliseconds",
}
# Istio's and the Collector's names are theirs to choose.
LINT = {
    "istio_request_duration_milliseconds": 'use base unit "seconds" instead of "milliseconds"',
    "traces_span_metrics_duration_milliseconds": (
        'use base unit "seconds" instead of "milliseconds"'
    ),
}


@pytest.fixture(scope="module")
def series():
    """Something of every metric, with labels that need quoting."""
    table = SeriesTable("", 10_000)
    calls = {
        "calls": 3,
        "errors": 1,
        "client_ms": 12.5,
        "server_ms": 10,
        "lag_ms": 4,
        "request_bytes": 10,
        "response_bytes": 20,
        "probability": 0.3,
        "start_ns": NOW_NS,
    }
    quoted = OperationKey(PAGE, 'GET "/"\\\n', SpanKind.SERVER, StatusCode.UNSET)
    spans = operation_spans([(quoted, {"spans": 2, "errors": 1, "start_ns": NOW_NS})])
    every = spans.key >= 0
    for observed in (
        observed_by(observe_istio, [(HTTP, calls)]),
        observed_by(observe_service_graph, [(HTTP, calls)]),
        observe_tempo_spans(spans, spans.keys, every),
        observe_collector_spans(spans, spans.keys, every),
    ):
        table.add(observed, NOW_NS)
    return table


def samples_of(families):
    return {
        (sample.name, frozenset(sample.labels.items())): sample
        for family in families
        for sample in family.samples
    }


def test_plain_text_is_what_a_client_gets_that_asks_for_nothing_else(series):
    text, content_type = render(series, "")
    assert "text/plain; version=0.0.4; charset=utf-8" == content_type
    families = list(parse_text(text.decode()))
    assert {family.name for family in families} == EVERY_FAMILY
    assert len(series) == len(samples_of(families))
    assert b"trace_id" not in text


def test_openmetrics_has_exemplars_with_trace_ids(series):
    text, content_type = render(series, OPENMETRICS)
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    samples = samples_of(parse_openmetrics(text.decode()))
    assert len(series) == len(samples)
    exemplars = {
        name: sample.exemplar
        for (name, _), sample in samples.items()
        if sample.exemplar is not None
    }
    histograms = EVERY_FAMILY - {name for name in EVERY_FAMILY if f"{name}_total" in exemplars}
    assert {f"{name}_bucket" for name in histograms} <= exemplars.keys()
    assert {f"{3:032x}"} == {
        exemplar.labels["trace_id"]
        for name, exemplar in exemplars.items()
        if name.startswith("istio_request_d")
    }
    exemplar = exemplars["istio_request_duration_milliseconds_bucket"]
    assert NOW_NS / 1e9 == float(exemplar.timestamp)


def test_both_formats_tell_the_same(series):
    def told(families):
        return {
            (name, frozenset((k, float(v) if k == "le" else v) for k, v in labels)): sample.value
            for (name, labels), sample in samples_of(families).items()
        }

    text = told(parse_text(render(series, "text/plain")[0].decode()))
    openmetrics = told(parse_openmetrics(render(series, OPENMETRICS)[0].decode()))
    assert text == openmetrics


@pytest.mark.parametrize(("accept", "bound"), [("", 'le="3600000"'), (OPENMETRICS, 'le="3.6e+06"')])
def test_bounds_are_written_as_proxies_write_them_and_openmetrics_wants_them(series, accept, bound):
    assert bound in render(series, accept)[0].decode()


def test_promtool_finds_nothing_wrong_but_names_that_others_chose(series):
    checked = subprocess.run(
        [promtool(), "check", "metrics"],
        input=render(series, "")[0],
        capture_output=True,
        check=False,
    )
    complaints = dict(line.split(" ", 1) for line in checked.stderr.decode().splitlines())
    assert LINT == complaints
    assert 3 == checked.returncode  # lint only; 1 is for what it cannot read


def test_promtool_finds_nothing_wrong_with_an_empty_page():
    empty = render(SeriesTable("", 1), "")[0]
    checked = subprocess.run([promtool(), "check", "metrics"], input=empty, check=False)
    assert 0 == checked.returncode


def promtool() -> Path:
    tool = Path(sys.prefix, "bin", "promtool")
    assert tool.exists(), "make setup puts promtool in place"
    return tool
