"""Real Envoys make of each request one trace, as they do in an Istio mesh."""

import os
import socket
from pathlib import Path

import aiohttp
import psutil
import pytest

from deploy.demo import Mesh, MeshError, MeshOptions
from deploy.demo.traffic import drive
from tests.deploy.capture import Capture

ONLY_V3 = {"v3": 100}

PRODUCT_PAGE = """\
SERVER istio-ingressgateway.istio-system: productpage.default.svc.cluster.local:9080/productpage
  CLIENT istio-ingressgateway.istio-system: router outbound|9080||productpage.default.svc.cluster.local; egress
    SERVER productpage.default: productpage.default.svc.cluster.local:9080/productpage
      CLIENT productpage.default: details.default.svc.cluster.local:9080/*
        SERVER details.default: details.default.svc.cluster.local:9080/*
      CLIENT productpage.default: reviews:9080/*
        SERVER reviews.default: reviews:9080/*
          CLIENT reviews.default: ratings.default.svc.cluster.local:9080/*
            SERVER ratings.default: ratings.default.svc.cluster.local:9080/*
""".splitlines()  # noqa: E501 -- span names are as long as they are

ISTIO_TAGS = {
    "istio.canonical_revision",
    "istio.canonical_service",
    "istio.cluster_id",
    "istio.mesh_id",
    "istio.namespace",
}
DOWNSTREAM_TAGS = ISTIO_TAGS | {
    "component",
    "downstream_cluster",
    "guid:x-request-id",
    "http.method",
    "http.protocol",
    "http.status_code",
    "http.url",
    "node_id",
    "peer.address",
    "request_size",
    "response_flags",
    "response_size",
    "upstream_cluster",
    "upstream_cluster.name",
    "user_agent",
    "zone",
}
ATTEMPT_TAGS = ISTIO_TAGS | {
    "component",
    "http.protocol",
    "http.status_code",
    "peer.address",
    "response_flags",
    "upstream_address",
    "upstream_cluster",
    "upstream_cluster.name",
}


def mesh_to(backend: Capture, **options: object) -> Mesh:
    chosen = MeshOptions(**{"review_weights": ONLY_V3, **options})
    return Mesh(backend.otlp_grpc, backend.otlp_http, chosen)


def children() -> set[psutil.Process]:
    return set(psutil.Process(os.getpid()).children(recursive=True))


async def test_a_request_becomes_one_trace_through_gateway_and_sidecars(backend: Capture) -> None:
    async with mesh_to(backend) as mesh:
        response = await mesh.request("/productpage")
        exported = await mesh.flush()

    assert 200 == response.status
    assert PRODUCT_PAGE == backend.shape(response.trace_id)
    assert len(PRODUCT_PAGE) == exported == len(backend.spans)

    for each in backend.spans:
        attempt = each.span.name.startswith("router ")
        assert (ATTEMPT_TAGS if attempt else DOWNSTREAM_TAGS) == set(each.tags)

    request_ids = {each.tags.get("guid:x-request-id") for each in backend.spans}
    assert {response.request_id, None} == request_ids
    transports = {each.service: each.transport for each in backend.spans}
    assert "grpc" == transports["productpage.default"]
    assert "http" == transports["details.default"]


async def test_peer_addresses_are_the_addresses_in_the_node_ids(backend: Capture) -> None:
    async with mesh_to(backend) as mesh:
        response = await mesh.request("/productpage")
        await mesh.flush()

    spans = {each.span.span_id: each for each in backend.of_trace(response.trace_id)}
    address = {
        each.service: each.tags["node_id"].split("~")[1]
        for each in spans.values()
        if "node_id" in each.tags
    }
    calls = [
        (spans[each.span.parent_span_id].service, each.tags["peer.address"])
        for each in spans.values()
        if each.kind == "SERVER" and each.span.parent_span_id
    ]

    assert 4 == len(calls)
    assert all(address[caller] == peer for caller, peer in calls)


async def test_reviews_are_spread_over_their_versions(backend: Capture) -> None:
    async with Mesh(backend.otlp_grpc, backend.otlp_http) as mesh:
        report = await drive(mesh, rate=500, requests=80, seed=3)
        exported = await mesh.flush()

    versions = {
        each.tags["istio.canonical_revision"]
        for each in backend.spans
        if each.service == "reviews.default"
    }

    assert {"v1", "v2", "v3"} == versions
    assert {200, 404} == set(report.statuses)
    assert 80 == report.answered
    assert exported == len(backend.spans)


async def test_an_app_that_forwards_no_headers_breaks_the_trace_there(backend: Capture) -> None:
    async with mesh_to(backend, no_forward=frozenset({"reviews"})) as mesh:
        response = await mesh.request("/productpage")
        await mesh.flush()

    broken_off = {each.trace_id for each in backend.spans} - {response.trace_id}
    request_ids = {
        each.tags["guid:x-request-id"]
        for trace_id in broken_off
        for each in backend.of_trace(trace_id)
    }

    assert PRODUCT_PAGE[:-2] == backend.shape(response.trace_id)
    assert 1 == len(broken_off)
    assert [line[10:] for line in PRODUCT_PAGE[-2:]] == backend.shape(broken_off.pop())
    assert 1 == len(request_ids)
    assert response.request_id not in request_ids


async def test_a_failing_service_is_an_error_on_both_sides_of_its_call(backend: Capture) -> None:
    async with mesh_to(backend, error_ratio=1.0, error_service="details") as mesh:
        page = await mesh.request("/productpage")
        product = await mesh.request("/api/v1/products/0")
        await mesh.flush()

    failing = [
        (each.kind, each.service, each.tags["http.status_code"])
        for each in backend.of_trace(page.trace_id)
        if each.tags.get("error") == "true"
    ]

    assert (200, 500) == (page.status, product.status)
    assert [
        ("CLIENT", "productpage.default", "500"),
        ("SERVER", "details.default", "500"),
    ] == failing


async def test_a_path_without_a_route_is_answered_by_the_gateway_alone(backend: Capture) -> None:
    async with mesh_to(backend) as mesh:
        response = await mesh.request("/nowhere")
        await mesh.flush()

    assert 404 == response.status
    assert ["NR"] == [each.tags["response_flags"] for each in backend.spans]
    assert ["istio-ingressgateway.istio-system"] == [each.service for each in backend.spans]


async def test_latency_is_spent_in_the_apps(backend: Capture) -> None:
    async with mesh_to(backend, latency=0.02) as mesh:
        response = await mesh.request("/productpage")
        await mesh.flush()

    spans = backend.of_trace(response.trace_id)
    longest = max(each.span.end_time_unix_nano - each.span.start_time_unix_nano for each in spans)

    assert longest > 20_000_000


async def test_flushing_says_when_the_backend_takes_nothing(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = deaf.getsockname()
        async with Mesh(address, address, directory=tmp_path) as mesh:
            await mesh.request("/productpage")

            with pytest.raises(MeshError, match="not every span was exported"):
                await mesh.flush(within=1)

    assert (tmp_path / "apps.log").exists()


async def test_two_meshes_run_side_by_side_and_leave_nothing_behind(backend: Capture) -> None:
    before = children()
    async with mesh_to(backend) as one, mesh_to(backend) as other:
        started = children() - before
        statuses = [(await mesh.request("/productpage")).status for mesh in (one, other)]
        gateways = {one.gateway_url, other.gateway_url}

    left = children() - before
    async with aiohttp.ClientSession() as client:
        for url in gateways:
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.get(url)

    assert [200, 200] == statuses
    assert 2 == len(gateways)
    assert 16 == len(started)
    assert not left
