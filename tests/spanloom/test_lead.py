import pytest
from structlog.testing import capture_logs

from spanloom.lead import Lead
from spanloom.self_metrics import store_leading
from storage.interface import StoreUnavailable


class FakeStore:
    """A store whose lead comes and goes as told; a failure is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def lead(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def fail(error):
    raise error


def test_whoever_leads_works():
    assert "done" == Lead(FakeStore(True), held=False).run(lambda: "done")


def test_whoever_does_not_lead_does_nothing():
    assert Lead(FakeStore(False), held=False).run(lambda: fail(AssertionError())) is None


def test_a_store_that_does_not_answer_is_led_by_nobody():
    lead = Lead(FakeStore(StoreUnavailable("gone")), held=False)

    assert lead.run(lambda: fail(AssertionError())) is None


def test_work_that_fails_under_the_leader_is_a_failure():
    with pytest.raises(StoreUnavailable, match="locked"):
        Lead(FakeStore(True, True), held=False).run(lambda: fail(StoreUnavailable("locked")))


def test_work_that_fails_because_the_lead_was_lost_is_none():
    lead = Lead(FakeStore(True, False), held=False)

    assert lead.run(lambda: fail(StoreUnavailable("another process leads"))) is None


def test_taking_and_losing_the_lead_is_told_once_each():
    lead = Lead(FakeStore(False, True, True, False, False, True), held=False)
    with capture_logs() as logs:
        held = [lead.held() for _ in range(6)]

    assert [False, True, True, False, False, True] == held
    assert [
        "this process now keeps the rollups and the retention",
        "this process no longer keeps the rollups and the retention",
        "this process now keeps the rollups and the retention",
    ] == [line["event"] for line in logs]
    assert {"info"} == {line["log_level"] for line in logs}


def test_the_only_process_on_a_store_says_nothing():
    with capture_logs() as logs:
        Lead(FakeStore(True), held=True).held()

    assert [] == logs


def test_the_metric_tells_who_leads():
    lead = Lead(FakeStore(True, False), held=False)

    assert 0 == store_leading._value.get()
    lead.held()
    assert 1 == store_leading._value.get()
    lead.held()
    assert 0 == store_leading._value.get()
