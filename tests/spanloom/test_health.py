import pytest

from spanloom.health import Health
from spanloom.roles import Role
from storage.interface import StoreState


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "starting"),
        ({"started": True, "store": StoreState.OK}, "ready"),
        ({"started": True, "store": StoreState.UNAVAILABLE}, "the store does not answer"),
        ({"started": True, "store": StoreState.OK, "draining": True}, "draining"),
    ],
)
def test_a_process_that_only_answers_is_ready_while_the_store_answers(changes, state):
    assert state == Health(Role.QUERY, **changes).state


@pytest.mark.parametrize(
    ("role", "parts"),
    [
        (Role.SERVE, {"receivers", "pipeline", "store"}),
        (Role.COLLECTOR, {"receivers", "pipeline", "store"}),
        (Role.QUERY, {"store"}),
    ],
)
def test_the_report_tells_of_the_role_and_of_its_parts(role, parts):
    report = Health(role).report()

    assert role.value == report["role"]
    assert parts == set(report["parts"])
