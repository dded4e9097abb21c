"""Istio's metrics have Istio's labels, buckets and reporters."""

from dataclasses import replace

import numpy as np
import pytest

from model.graph.edge import Protocol, Via
from model.graph.place import Place, PlaceKind
from spanloom.mesh_metrics.istio import ISTIO_METRICS, observe_istio
from tests.graph.tables import calls_of
from tests.spanloom.mesh_metrics.places import (
    DATABASE,
    EXTERNAL,
    GATEWAY,
    HTTP,
    INGRESS,
    UNKNOWN,
    observed_by,
    samples,
    value_of,
)

BOTH = {"client_ms": 12.0, "server_ms": 10.0}
SENT = {
    "reporter": "source",
    "source_workload": "page-v1",
    "source_workload_namespace": "shop",
    "source_canonical_service": "page",
    "source_canonical_revision": "v1",
    "source_app": "page",
    "source_version": "v1",
    "source_cluster": "east",
    "source_principal": "unknown",
    "destination_workload": "reviews-v2",
    "destination_workload_namespace": "shop",
    "destination_canonical_service": "reviews",
    "destination_canonical_revision": "v2",
    "destination_app": "reviews",
    "destination_version": "v2",
    "destination_cluster": "east",
    "destination_principal": "unknown",
    "destination_service": "reviews.shop.svc.cluster.local",
    "destination_service_name": "reviews",
    "destination_service_namespace": "shop",
    "request_protocol": "http",
    "response_code": "200",
    "response_flags": "-",
    "grpc_response_status": "",
    "connection_security_policy": "unknown",
}


def told(*groups):
    return samples(observed_by(observe_istio, groups))


def reporters(found):
    requests = found.get("istio_requests_total", {})
    return {dict(labels)["reporter"]: value for labels, value in requests.items()}


def only_labels(found, **wanted):
    (labels,) = (
        dict(labels)
        for labels in found["istio_requests_total"]
        if wanted.items() <= dict(labels).items()
    )
    return labels


def test_a_call_between_two_sidecars_is_told_by_both_with_every_label():
    found = told((HTTP, {"calls": 3, **BOTH}))
    assert {
        frozenset(SENT.items()): 3.0,
        frozenset({**SENT, "reporter": "destination"}.items()): 3.0,
    } == found["istio_requests_total"]


def test_every_series_of_every_metric_has_every_label():
    found = told(
        (HTTP, {**BOTH, "request_bytes": 4, "response_bytes": 5}),
        (replace(HTTP, source=UNKNOWN, destination=EXTERNAL, host=""), {"client_ms": 1}),
    )
    names = {*SENT, "le"}
    assert {
        "istio_requests_total",
        *(
            f"{name}_{part}"
            for name in (
                "istio_request_duration_milliseconds",
                "istio_request_bytes",
                "istio_response_bytes",
            )
            for part in ("bucket", "count", "sum")
        ),
    } == found.keys()
    for name, series in found.items():
        expected = names if name.endswith("_bucket") else names - {"le"}
        assert [expected] * len(series) == [dict(labels).keys() for labels in series]


def test_the_buckets_are_istios():
    found = told((HTTP, {"client_ms": 1.0}))
    bounds = [dict(labels)["le"] for labels in found["istio_request_duration_milliseconds_bucket"]]
    expected = "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000"
    assert [*expected.split(), "1800000", "3600000", "+Inf"] == bounds


def test_a_latency_on_a_bound_is_in_the_bucket_below_it():
    found = told((HTTP, {"calls": 2, "client_ms": 1.0}), (HTTP, {"client_ms": 1.5}))
    name = "istio_request_duration_milliseconds"
    buckets = [value_of(found, f"{name}_bucket", le=bound) for bound in ("0.5", "1", "5", "+Inf")]
    assert [0.0, 2.0, 3.0, 3.0] == buckets
    assert 3.5 == value_of(found, f"{name}_sum")
    assert 3.0 == value_of(found, f"{name}_count")


def test_each_side_tells_its_own_latency_code_and_flags():
    key = replace(HTTP, source_code="503", source_flags="UF", destination_code="-")
    found = told((key, {"client_ms": 12.0, "server_ms": 10.0}))
    name = "istio_request_duration_milliseconds_sum"
    source = value_of(found, name, reporter="source", response_code="503", response_flags="UF")
    assert 12.0 == source
    assert 10.0 == value_of(
        found, name, reporter="destination", response_code="0", response_flags="-"
    )


def test_a_side_without_spans_tells_nothing():
    assert {"source": 2.0} == reporters(told((HTTP, {"calls": 2, "client_ms": 3})))
    assert {"destination": 1.0} == reporters(told((HTTP, {"server_ms": 3})))


def test_a_waypoint_tells_of_its_calls_in_place_of_the_callee():
    via = replace(HTTP, via=Via.WAYPOINT)
    assert {"source": 1.0, "waypoint": 1.0} == reporters(told((via, BOTH)))
    assert {"waypoint": 1.0} == reporters(told((via, {"server_ms": 3})))


def test_a_gateway_tells_only_of_what_it_sends_on():
    into = replace(HTTP, source=INGRESS, destination=GATEWAY)
    onward = replace(HTTP, source=GATEWAY)
    assert {} == reporters(told((into, {"server_ms": 3})))
    found = told((onward, {"client_ms": 3}))
    assert "gateway-latest" == only_labels(found)["source_workload"]


@pytest.mark.parametrize(
    "change",
    [
        {"destination": DATABASE, "protocol": Protocol.DATABASE},
        {"protocol": Protocol.MESSAGING, "asynchronous": True},
        {"protocol": Protocol.TCP},
    ],
)
def test_what_is_no_request_is_not_counted(change):
    assert {} == told((replace(HTTP, **change), BOTH))


def test_nothing_known_is_unknown_and_never_missing():
    key = replace(HTTP, source=UNKNOWN, destination=EXTERNAL, host="", source_code="")
    labels = only_labels(told((replace(key, destination_code=""), {"client_ms": 3})))
    ends = {
        f"{end}_{part}": "unknown"
        for end in ("source", "destination")
        for part in ("workload", "workload_namespace", "canonical_service", "app", "version")
    }
    service = {
        "destination_service": "api.example.com",
        "destination_service_name": "api.example.com",
        "destination_service_namespace": "unknown",
    }
    revisions = {"source_canonical_revision": "latest", "destination_canonical_revision": "latest"}
    clusters = {"source_cluster": "unknown", "destination_cluster": "unknown"}
    rest = {"response_code": "unknown", "response_flags": "-"}
    assert {**SENT, **ends, **service, **revisions, **clusters, **rest} == labels


def test_a_callee_without_a_host_is_called_by_its_service():
    labels = only_labels(told((replace(HTTP, host=""), {"server_ms": 3})))
    assert "reviews.shop.svc.cluster.local" == labels["destination_service"]
    assert ("reviews", "shop") == (
        labels["destination_service_name"],
        labels["destination_service_namespace"],
    )


def test_a_service_that_reports_nothing_has_a_service_and_no_workload():
    service = Place(PlaceKind.SERVICE, "east", "shop", "reviews", name="reviews.shop")
    labels = only_labels(told((replace(HTTP, destination=service), {"client_ms": 3})))
    assert ("unknown", "reviews", "shop") == (
        labels["destination_workload"],
        labels["destination_service_name"],
        labels["destination_service_namespace"],
    )


def test_a_grpc_call_has_its_status_and_http_200_if_no_code_was_sent():
    key = replace(HTTP, protocol=Protocol.GRPC, source_code="", destination_code="")
    labels = only_labels(told((replace(key, grpc_status="14"), {"client_ms": 3})))
    assert ("grpc", "14", "200") == (
        labels["request_protocol"],
        labels["grpc_response_status"],
        labels["response_code"],
    )


def test_only_the_callees_side_tells_of_mutual_tls():
    key = replace(
        HTTP, mtls=True, source_principal="spiffe://east/page", destination_principal="spiffe://r"
    )
    found = told((key, BOTH))
    policies = {
        dict(labels)["reporter"]: dict(labels)["connection_security_policy"]
        for labels in found["istio_requests_total"]
    }
    assert {"source": "unknown", "destination": "mutual_tls"} == policies
    labels = only_labels(found, reporter="destination")
    assert "spiffe://east/page" == labels["source_principal"]
    assert "spiffe://r" == labels["destination_principal"]


def test_sampled_calls_count_as_often_as_they_stand_for():
    found = told((HTTP, {"calls": 2, "probability": 0.25, "client_ms": 4, "request_bytes": 10}))
    assert {"source": 8.0} == reporters(found)
    assert 32.0 == value_of(found, "istio_request_duration_milliseconds_sum")
    assert 80.0 == value_of(found, "istio_request_bytes_sum")
    assert 8.0 == value_of(found, "istio_request_bytes_bucket", le="10")
    assert 0.0 == value_of(found, "istio_request_bytes_bucket", le="5")


def test_calls_that_do_not_count_are_left_out():
    calls = calls_of([(HTTP, {"calls": 4, "client_ms": 1})])
    counts = np.array([True, False, False, True])
    assert {"source": 2.0} == reporters(samples(observe_istio(calls, calls.keys, counts)))


def test_keys_with_the_same_labels_are_one_series():
    other = replace(HTTP, operation="PUT /", inferred=True)
    assert {"source": 5.0} == reporters(
        told((HTTP, {"calls": 2, "client_ms": 1}), (other, {"calls": 3, "client_ms": 1}))
    )


def test_metrics_have_the_same_labels():
    assert {tuple(SENT)} == {metric.labels for metric in ISTIO_METRICS}
