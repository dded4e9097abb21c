"""A mesh of real Envoys exports to a real service; the trace of a request is read back whole."""

import time

import pytest

from deploy.demo.mesh import Mesh
from deploy.demo.options import MeshOptions
from tests.end_to_end import jaeger

pytestmark = pytest.mark.end_to_end


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def mesh_of(service, **options):
    return Mesh(
        address(service.addresses["otlp/grpc"]),
        address(service.addresses["otlp/http"]),
        MeshOptions(**options),
    )


async def test_every_span_of_every_proxy_is_in_the_trace_of_its_request(serve):
    service = serve()
    async with mesh_of(service, review_weights={"v1": 0, "v2": 0, "v3": 100}) as mesh:
        response = await mesh.request("/productpage")
        sent = await mesh.flush()

    trace = service.trace(response.trace_id, span_count=sent)

    assert (200, sent, 0) == (
        response.status,
        trace["summary"]["span_count"],
        trace["summary"]["missing_span_count"],
    )
    assert "istio-ingressgateway.istio-system" == trace["summary"]["root_service"]
    assert {
        "istio-ingressgateway.istio-system",
        "productpage.default",
        "details.default",
        "reviews.default",
        "ratings.default",
    } == {found["name"] for found in trace["summary"]["services"]}


async def test_a_failing_service_is_an_error_with_its_flags_in_words(serve):
    service = serve()
    async with mesh_of(
        service, error_ratio=1.0, review_weights={"v1": 0, "v2": 100, "v3": 0}
    ) as mesh:
        response = await mesh.request("/productpage")
        sent = await mesh.flush()

    trace = service.trace(response.trace_id, span_count=sent)

    assert trace["summary"]["error_count"] > 0


async def test_an_app_that_forwards_no_headers_breaks_the_trace_there_and_the_request_id_tells(
    serve,
):
    service = serve()
    async with mesh_of(service, no_forward=frozenset({"productpage"})) as mesh:
        response = await mesh.request("/productpage")
        sent = await mesh.flush()
    first = service.trace(response.trace_id, span_count=3)

    assert first["summary"]["span_count"] < sent
    found = service.get(f"/api/v1/requests/{response.request_id}")
    assert [response.trace_id] == [trace["trace_id"] for trace in found["traces"]]


async def test_the_search_finds_the_request_by_service_tag_and_request_id(serve):
    service = serve()
    async with mesh_of(service) as mesh:
        response = await mesh.request("/productpage")
        sent = await mesh.flush()
    service.trace(response.trace_id, span_count=sent)

    for query in (
        "service=productpage.default",
        "service=reviews",
        "attribute=http.status_code%3D200",
        f"request_id={response.request_id}",
        "service=details&attribute=node_id~details-v1",
    ):
        found = service.get(f"/api/v1/traces?last=1h&{query}")

        assert [response.trace_id] == [trace["trace_id"] for trace in found["traces"]], query


async def test_jaegers_apis_tell_the_same_traces_as_our_own(serve):
    service = serve()
    async with mesh_of(service) as mesh:
        responses = [await mesh.request("/productpage") for _ in range(3)]
        sent = await mesh.flush()
    wait_for_spans(service, responses, sent)
    own = {response.trace_id: ids_of(service, response.trace_id) for response in responses}

    assert sent == sum(map(len, own.values()))
    assert own == jaeger.legacy_traces(service)
    assert own == jaeger.v3_traces(service)
    assert own == jaeger.grpc_v2_traces(service)
    assert own == jaeger.grpc_v3_traces(service)


def ids_of(service, trace_id):
    """The ids of a trace's spans, as /api/v1 has them."""
    trace = service.get(f"/api/v1/traces/{trace_id}")
    return sorted(span["span_id"] for span in trace["spans"])


def wait_for_spans(service, responses, sent):
    deadline = time.monotonic() + 30
    while sum(len(found_ids(service, each.trace_id)) for each in responses) < sent:
        assert time.monotonic() < deadline, "the spans were not stored within half a minute"
        time.sleep(0.1)


def found_ids(service, trace_id):
    return ids_of(service, trace_id) if service.get(f"/api/v1/traces/{trace_id}") else []
