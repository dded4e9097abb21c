"""The service graph's metrics have Tempo's names, labels and buckets."""

from dataclasses import replace

import pytest

from model.graph.edge import EdgeKey
from model.graph.place import Place, PlaceKind
from spanloom.mesh_metrics.service_graph import observe_service_graph
from tests.spanloom.mesh_metrics.places import (
    DATABASE,
    EXTERNAL,
    GATEWAY,
    HTTP,
    INGRESS,
    PAGE,
    QUEUE,
    REVIEWS,
    UNKNOWN,
    observed_by,
    samples,
    value_of,
)

REQUESTS = "traces_service_graph_request_total"
FAILED = "traces_service_graph_request_failed_total"
SERVER = "traces_service_graph_request_server_seconds"
CLIENT = "traces_service_graph_request_client_seconds"
MESSAGING = "traces_service_graph_request_messaging_system_seconds"


def told(*groups):
    return samples(observed_by(observe_service_graph, groups))


def test_requests_are_counted_between_the_names_that_traces_are_found_by():
    found = told((HTTP, {"calls": 5, "errors": 2, "client_ms": 200, "server_ms": 100}))
    labels = frozenset(
        {"client": "page.shop", "server": "reviews.shop", "connection_type": ""}.items()
    )
    assert {labels: 5.0} == found[REQUESTS]
    assert {labels: 2.0} == found[FAILED]
    assert {labels: pytest.approx(1.0)} == found[f"{CLIENT}_sum"]
    assert {labels: pytest.approx(0.5)} == found[f"{SERVER}_sum"]


def test_the_buckets_are_tempos():
    found = told((HTTP, {"calls": 5, "client_ms": 200}))
    bounds = [dict(labels)["le"] for labels in found[f"{CLIENT}_bucket"]]
    assert ["0.1", "0.2", "0.4", "0.8", "1.6", "3.2", "6.4", "12.8", "+Inf"] == bounds
    assert 0.0 == value_of(found, f"{CLIENT}_bucket", le="0.1")
    assert 5.0 == value_of(found, f"{CLIENT}_bucket", le="0.2")


@pytest.mark.parametrize(
    ("source", "destination", "connection"),
    [
        (PAGE, REVIEWS, ""),
        (PAGE, GATEWAY, ""),
        (PAGE, DATABASE, "database"),
        (PAGE, QUEUE, "messaging_system"),
        (QUEUE, PAGE, "messaging_system"),
        (PAGE, EXTERNAL, "virtual_node"),
        (PAGE, Place(PlaceKind.SERVICE, service="ratings", name="ratings.shop"), "virtual_node"),
        (INGRESS, GATEWAY, "virtual_node"),
        (UNKNOWN, PAGE, "virtual_node"),
    ],
)
def test_connections_are_typed_by_their_ends(source, destination, connection):
    found = told((EdgeKey(source, destination), {"client_ms": 1}))
    assert 1.0 == value_of(found, REQUESTS, connection_type=connection)


def test_direct_asynchronous_calls_are_messages_and_tell_their_lag():
    found = told((replace(HTTP, asynchronous=True), {"lag_ms": 150, "server_ms": 20}))
    assert 1.0 == value_of(found, REQUESTS, connection_type="messaging_system")
    assert pytest.approx(0.15) == value_of(found, f"{MESSAGING}_sum")


@pytest.mark.parametrize("caller", [INGRESS, UNKNOWN])
def test_a_caller_of_which_nothing_is_known_is_the_user(caller):
    found = told((EdgeKey(caller, PAGE), {"server_ms": 1}))
    assert 1.0 == value_of(found, REQUESTS, client="user", server="page.shop")
    assert f"{CLIENT}_sum" not in found


def test_a_server_without_spans_has_the_clients_latency():
    found = told((EdgeKey(PAGE, DATABASE), {"client_ms": 30}))
    assert pytest.approx(0.03) == value_of(found, f"{SERVER}_sum", server="mysql:3306")


def test_without_failures_there_is_no_series_of_failures():
    assert FAILED not in told((HTTP, {"calls": 2, "client_ms": 1}))


def test_sampled_failures_count_as_often_as_they_stand_for():
    found = told((HTTP, {"calls": 3, "errors": 1, "probability": 0.5}))
    assert (6.0, 2.0) == (value_of(found, REQUESTS), value_of(found, FAILED))
