"""The service that the UI's tests look at has what its traffic promises, as the API tells it."""

from dataclasses import fields

from tests.ui.drafts import Trace
from tests.ui.traffic import REQUESTS_OF_LAST_QUARTER


def test_every_named_trace_is_whole(mesh):
    for field in fields(mesh.traffic):
        trace = getattr(mesh.traffic, field.name)
        if isinstance(trace, Trace):
            summary = mesh.service.get(f"/api/v1/traces/{trace.trace_id}")["summary"]

            assert (field.name, trace.span_count) == (field.name, summary["span_count"])


def test_the_requests_of_the_last_quarter_of_an_hour_are_found(mesh):
    found = mesh.service.get(
        f"/api/v1/traces?{mesh.quarter}&service=productpage.bookinfo&limit={REQUESTS_OF_LAST_QUARTER}"
    )

    assert len(found["traces"]) > REQUESTS_OF_LAST_QUARTER // 2


def test_the_graph_names_the_failing_edge_and_its_reason(mesh):
    graph = mesh.service.get(f"/api/v1/graph?{mesh.quarter}&type=app")
    names = {node["id"]: node["label"] for node in graph["nodes"]}

    assert [("reviews", "ratings")] == [
        (names[edge["source"]], names[edge["target"]])
        for edge in graph["edges"]
        if "UH" in edge["health"]["reason"]
    ]


def test_there_are_two_clusters_a_database_and_messages(mesh):
    graph = mesh.service.get(f"/api/v1/graph?{mesh.quarter}")

    assert {"east", "west", ""} == {node["cluster"] for node in graph["nodes"]}
    assert {"database", "messaging"} <= {node["kind"] for node in graph["nodes"]}


def test_the_doctor_names_the_app_that_forwards_no_headers(mesh):
    answer = mesh.service.get("/api/v1/propagation?last=1h&confidence=certain")

    assert {"checkout-v1"} == {each["subject"]["workload"] for each in answer["findings"]}


def test_an_empty_service_knows_no_service(empty):
    assert [] == empty.service.get("/api/v1/services")["services"]
