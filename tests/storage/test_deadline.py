"""A deadline cancels what takes longer, and nothing else."""

from __future__ import annotations

import threading
import weakref

import pytest

from storage.deadline import deadline
from storage.interface import QueryTimeout

SOON_S = 0.02
LATE_S = 60.0


def test_what_takes_longer_is_cancelled_once():
    cancelled = threading.Semaphore(0)

    with deadline(SOON_S, cancelled.release) as limit:
        assert cancelled.acquire(timeout=LATE_S)

    assert limit.passed
    with pytest.raises(QueryTimeout, match=r"within 0\.02 s"):
        limit.check()
    assert not cancelled.acquire(blocking=False)


def test_what_is_over_in_time_is_not_cancelled():
    cancelled: list[str] = []
    later = threading.Event()

    with deadline(SOON_S, lambda: cancelled.append("in time")) as limit:
        pass
    with deadline(2 * SOON_S, later.set):
        assert later.wait(LATE_S)

    assert not cancelled
    assert not limit.passed


def test_the_earlier_of_two_deadlines_passes_first_whichever_began_first():
    late, early = threading.Event(), threading.Event()

    with deadline(LATE_S, late.set), deadline(SOON_S, early.set):
        assert early.wait(LATE_S)

    assert not late.is_set()


def test_cancelling_that_hangs_keeps_no_other_deadline_from_passing():
    hanging, goes_on, other = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        goes_on.wait(LATE_S)

    def other_query() -> None:
        with deadline(SOON_S, other.set):
            other.wait(LATE_S)

    with deadline(SOON_S, hang):
        assert hanging.wait(LATE_S)
        other_query()
        assert other.is_set()
        goes_on.set()


def test_no_time_at_all_is_refused_at_once():
    with pytest.raises(QueryTimeout), deadline(0, lambda: None):
        pass


def test_a_finished_deadline_holds_nothing_of_what_it_would_have_cancelled():
    class Connection:
        def cancel(self) -> None: ...

    connection = Connection()
    gone = threading.Event()
    weakref.finalize(connection, gone.set)
    with deadline(LATE_S, connection.cancel):
        pass
    del connection

    assert gone.is_set()
