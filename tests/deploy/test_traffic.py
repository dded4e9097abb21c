"""Traffic is steady, repeatable and counts what came back."""

from itertools import islice

from deploy.demo import Mesh
from deploy.demo.traffic import PATHS, TrafficReport, _paths, drive
from tests.deploy.capture import Capture


def test_the_same_seed_asks_for_the_same_paths() -> None:
    assert list(islice(_paths(7), 50)) == list(islice(_paths(7), 50))
    assert list(islice(_paths(7), 50)) != list(islice(_paths(8), 50))


def test_every_path_is_asked_for() -> None:
    assert set(PATHS) == set(islice(_paths(1), 200))


def test_a_report_names_statuses_and_requests_without_an_answer() -> None:
    assert "3 x 200, 1 x 404, 2 x no answer" == str(TrafficReport({404: 1, 200: 3}, failed=2))
    assert "no requests" == str(TrafficReport())


async def test_traffic_ends_after_its_time(backend: Capture) -> None:
    async with Mesh(backend.otlp_grpc, backend.otlp_http) as mesh:
        report = await drive(mesh, rate=20, seconds=0.5)

    assert 10 == report.answered


async def test_requests_that_nobody_answers_are_counted(backend: Capture) -> None:
    async with Mesh(backend.otlp_grpc, backend.otlp_http) as mesh:
        gateway = mesh.children[1]
        gateway.terminate()
        await gateway.ended()

        report = await drive(mesh, rate=100, requests=3)

    assert TrafficReport(failed=3) == report
