"""The doctor on a mesh of real Envoys: it names the app that forwards nothing, and no other."""

import pytest

from deploy.demo.mesh import Mesh
from deploy.demo.options import MeshOptions
from deploy.demo.traffic import drive
from tests.end_to_end.test_envoy_mesh import address

pytestmark = pytest.mark.end_to_end


async def examined(service, *, rate=10.0, requests=60, sure="medium", **options):
    """Findings about what a mesh did, once all its spans are stored."""
    mesh = Mesh(
        address(service.addresses["otlp/grpc"]),
        address(service.addresses["otlp/http"]),
        MeshOptions(latency=0.004, **options),
    )
    async with mesh:
        await drive(mesh, rate=rate, requests=requests)
        sent = await mesh.flush()

    def found():
        answer = service.get(f"/api/v1/propagation?last=1h&confidence={sure}")
        return answer if answer["span_count"] >= sent else None

    return service.eventually(found)


def named(answer):
    return sorted({(each["sign"], each["subject"]["workload"]) for each in answer["findings"]})


async def test_with_all_forwarding_the_doctor_names_none(serve):
    answer = await examined(serve(), sure="low")

    assert [] == answer["findings"]
    assert 0 == sum(each["began_while_serving"] for each in answer["workloads"])


async def test_the_app_that_forwards_nothing_is_named_and_no_other(serve):
    answer = await examined(serve(), sure="low", no_forward=frozenset({"productpage"}))

    assert [("B1", "productpage-v1")] == named(answer)
    (finding,) = answer["findings"]
    assert (1.0, "high", ["traceparent", "tracestate", "x-request-id"]) == (
        finding["ratio"],
        finding["confidence"],
        finding["headers"],
    )
    assert "In productpage-v1.default, copy the headers" in finding["advice"]


async def test_every_version_of_an_app_that_forwards_nothing_is_named(serve):
    answer = await examined(
        serve(),
        requests=120,
        no_forward=frozenset({"reviews"}),
        review_weights={"v1": 0, "v2": 50, "v3": 50},
    )

    assert [("B1", "reviews-v2"), ("B1", "reviews-v3")] == named(answer)


async def test_under_concurrent_load_it_is_named_with_confidence_all_the_same(serve):
    answer = await examined(
        serve(), rate=150.0, requests=600, no_forward=frozenset({"productpage"})
    )

    assert [("B1", "productpage-v1")] == named(answer)


async def test_a_request_whose_headers_were_lost_is_read_as_one_trace_by_stitching(serve):
    service = serve()
    async with Mesh(
        address(service.addresses["otlp/grpc"]),
        address(service.addresses["otlp/http"]),
        MeshOptions(
            no_forward=frozenset({"productpage"}), review_weights={"v1": 0, "v2": 0, "v3": 100}
        ),
    ) as mesh:
        response = await mesh.request("/productpage")
        sent = await mesh.flush()
    path = f"/api/v1/requests/{response.request_id}?stitch=1"

    def stitched():
        answer = service.get(path)
        whole = answer and answer["stitched"]["trace"]["summary"]["span_count"] == sent
        return answer["stitched"] if whole else None

    found = service.eventually(stitched)

    assert (0, 3) == (found["trace"]["summary"]["missing_span_count"], len(found["trace_ids"]))
    assert [0] == found["trace"]["roots"]
    assert {"time and pod"} == {link["sign"] for link in found["inferred_links"]}
