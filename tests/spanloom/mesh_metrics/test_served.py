"""``/metrics/mesh`` of a running service."""

import requests

from tests.spanloom.conftest import wait_for
from tests.spanloom.exports import send_trace

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def test_spans_that_were_sent_are_served_with_their_trace(start_service):
    service = start_service(
        SPANLOOM_METRICS_MESH_ENABLED="true",
        SPANLOOM_METRICS_MESH_HOLD="1s",
        SPANLOOM_METRICS_MESH_INTERVAL="1s",
        SPANLOOM_METRICS_MESH_SETS="[tempo_spans]",
        SPANLOOM_METRICS_MESH_PREFIX="made_",
    ).wait_until_ready()
    trace_id = send_trace(service.addresses)

    def served(accept):
        url = service.url("metrics", "/metrics/mesh")
        answer = requests.get(url, headers={"Accept": accept}, timeout=10)
        assert 200 == answer.status_code
        return [line for line in answer.text.splitlines() if 'span_name="pay"' in line]

    wait_for(lambda: served("text/plain"), "the span in the metrics")
    (calls,) = (line for line in served("text/plain") if "_calls_total" in line)
    assert calls.startswith("made_traces_spanmetrics_calls_total{")
    assert 'service="shop"' in calls
    assert 'status_code="STATUS_CODE_ERROR"' in calls
    assert calls.endswith(" 1.0")
    assert any(f'# {{trace_id="{trace_id}"}}' in line for line in served(OPENMETRICS))

    def own_metrics():
        return requests.get(service.url("metrics", "/metrics"), timeout=10).text

    # Two operations, each with a counter and a histogram of 14 bounds, +Inf, sum and count.
    wait_for(lambda: "\nspanloom_mesh_metrics_series 36.0\n" in own_metrics(), "their number")


def test_nothing_is_served_unless_it_is_switched_on(service):
    assert 404 == requests.get(service.url("metrics", "/metrics/mesh"), timeout=10).status_code
