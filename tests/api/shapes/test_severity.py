import pytest

from api.shapes.severity import NO_TRAFFIC, Severities, severities
from model.graph.edge import Protocol
from model.graph.view import Outcome
from tests.api.shapes.graphs import bad, ok, traffic


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ok(100), Severities(1, 0, 0)),
        (ok(100, code="302"), Severities(1, 0, 0)),
        (ok(100, code="404"), Severities(0, 1, 0)),
        (bad(100, "404"), Severities(0, 1, 0)),
        (bad(100, "500"), Severities(0, 0, 1)),
        (bad(100, "-"), Severities(0, 0, 1)),
        (bad(100, "200", protocol=Protocol.GRPC, grpc_status="14"), Severities(0, 0, 1)),
        (ok(100, Protocol.GRPC, grpc_status="0"), Severities(1, 0, 0)),
        (Outcome(Protocol.DATABASE, "", "", "", "", 100, 25, 100.0), Severities(0.75, 0, 0.25)),
    ],
)
def test_an_outcome_is_normal_warning_or_danger(outcome: Outcome, expected: Severities) -> None:
    assert expected == severities(traffic(outcome))


def test_the_parts_are_scaled_and_add_up_to_the_rate() -> None:
    split = severities(traffic(ok(60), bad(30, "404"), bad(10), weight=10.0))

    assert Severities(6.0, 3.0, 1.0) == split
    assert 10.0 == split.total


def test_no_traffic_has_no_parts() -> None:
    assert NO_TRAFFIC == severities(None)
