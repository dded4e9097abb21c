"""The spool: acknowledged means on disk; bounded; trimmed by what the store has."""

import sqlite3
import threading

import pytest

from collector.config import SpoolConfig
from collector.interface import SpoolFull, SpoolUnavailable
from collector.spool import SpoolReader, SpoolWriter


class Acks:
    """Collects the outcomes of appends."""

    def __init__(self):
        self.outcomes = []
        self._condition = threading.Condition()

    def __call__(self, error):
        with self._condition:
            self.outcomes.append(error)
            self._condition.notify_all()

    def wait(self, count):
        with self._condition:
            assert self._condition.wait_for(lambda: len(self.outcomes) >= count, timeout=30)
        return self.outcomes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "receiver-0.sqlite"


@pytest.fixture
def writer(path):
    writer = SpoolWriter(path, SpoolConfig())
    writer.start()
    yield writer
    writer.close()


def bodies_on_disk(path):
    reader = SpoolReader(path)
    found = [record.body for record in reader.read(0, 1 << 30)]
    reader.close()
    return found


def test_an_acknowledged_body_can_be_read_by_another_process_at_once(path, writer):
    acks = Acks()

    writer.append(b"one", 1, acks)
    acks.wait(1)

    assert [b"one"] == bodies_on_disk(path)


def test_requests_of_one_commit_share_a_record_in_their_order(path):
    writer = SpoolWriter(path, SpoolConfig(commit_delay_ns=60_000_000_000))
    writer.start()
    acks = Acks()

    writer.append(b"one,", 1, acks)
    writer.append(b"two", 2, acks)
    writer.close()

    assert [None, None] == acks.outcomes
    assert [b"one,two"] == bodies_on_disk(path)


def test_a_group_that_is_large_enough_is_committed_before_its_delay_is_over(path):
    config = SpoolConfig(commit_delay_ns=3_600_000_000_000, commit_bytes=10)
    writer = SpoolWriter(path, config)
    writer.start()
    acks = Acks()

    writer.append(b"0123456789", 1, acks)

    assert [None] == acks.wait(1)
    writer.close()


def test_each_commit_is_announced(path):
    announced = threading.Event()
    writer = SpoolWriter(path, SpoolConfig(), on_commit=announced.set)
    writer.start()

    writer.append(b"one", 1, Acks())

    assert announced.wait(30)
    writer.close()


def test_closing_commits_what_is_in_hand_and_refuses_what_comes_later(path):
    writer = SpoolWriter(path, SpoolConfig(commit_delay_ns=60_000_000_000))
    writer.start()
    acks = Acks()
    writer.append(b"one", 1, acks)

    writer.close()

    assert [None] == acks.outcomes
    with pytest.raises(SpoolUnavailable, match="shutting down"):
        writer.append(b"two", 1, acks)


def incompressible(count):
    return sqlite3.connect(":memory:").execute("SELECT randomblob(?)", (count,)).fetchone()[0]


def test_a_full_spool_refuses_and_accepts_again_once_it_is_trimmed(path):
    writer = SpoolWriter(path, SpoolConfig(max_bytes=200_000))
    writer.start()
    acks = Acks()
    writer.append(incompressible(250_000), 1, acks)
    acks.wait(1)
    with pytest.raises(SpoolFull, match="200000 bytes"):
        writer.append(b"one too many", 1, acks)

    reader = SpoolReader(path)
    reader.trim(1)
    while True:  # until the committer has noticed
        try:
            writer.append(b"fits again", 1, acks)
            break
        except SpoolFull:
            threading.Event().wait(0.01)

    assert [None, None] == acks.wait(2)
    reader.close()
    writer.close()


def test_freed_space_is_used_again(path, writer):
    reader = SpoolReader(path)
    acks = Acks()
    sizes = []
    for number in range(1, 6):
        writer.append(incompressible(500_000), 1, acks)
        acks.wait(number)
        reader.trim(number)
        sizes.append(path.stat().st_size)
    reader.close()

    assert sizes[-1] <= 2 * sizes[0]


def test_positions_are_never_used_again(path, writer):
    acks = Acks()
    writer.append(b"one", 1, acks)
    acks.wait(1)
    reader = SpoolReader(path)
    (first,) = reader.read(0, 100)
    reader.trim(first.position)
    writer.append(b"two", 1, acks)
    acks.wait(2)

    (second,) = reader.read(0, 100)

    assert second.position > first.position
    reader.close()


def test_a_spool_keeps_its_id_and_its_records_over_a_restart(path):
    ids = []
    acks = Acks()
    for number in range(2):
        writer = SpoolWriter(path, SpoolConfig())
        writer.start()
        writer.append(b"x", 1, acks)
        acks.wait(number + 1)
        writer.close()
        reader = SpoolReader(path)
        ids.append(reader.id)
        reader.close()

    assert ids[0] == ids[1]
    assert [b"x", b"x"] == bodies_on_disk(path)


def test_reading_stops_before_it_exceeds_its_bytes_but_yields_at_least_one(path):
    writer = SpoolWriter(path, SpoolConfig(commit_bytes=1))
    writer.start()
    acks = Acks()
    for number in range(3):
        writer.append(b"0123456789", 1, acks)
        acks.wait(number + 1)
    reader = SpoolReader(path)

    assert 1 == len(list(reader.read(0, 5)))
    assert 2 == len(list(reader.read(0, 25)))
    backlog = reader.backlog(0)
    assert (3, 30) == (backlog.spans, backlog.bytes)
    reader.close()
    writer.close()


def test_a_spool_that_cannot_be_opened_stops_the_start_with_its_path(tmp_path):
    writer = SpoolWriter(tmp_path / "missing" / "spool.sqlite", SpoolConfig())

    with pytest.raises(SpoolUnavailable, match=r"spool\.sqlite"):
        writer.start()


def test_a_failed_commit_is_told_to_its_clients_and_the_next_one_is_tried_anew(path, writer):
    acks = Acks()
    breaker = sqlite3.connect(path, isolation_level=None)
    breaker.execute("ALTER TABLE record RENAME TO hidden")
    writer.append(b"one", 1, acks)
    (failure,) = acks.wait(1)
    assert isinstance(failure, SpoolUnavailable)
    assert not writer.healthy

    breaker.execute("ALTER TABLE hidden RENAME TO record")
    writer.append(b"two", 1, acks)

    assert acks.wait(2)[1] is None
    assert writer.healthy
    breaker.close()


def test_a_spool_of_another_format_is_refused(path):
    SpoolReader(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE spool SET format = 99")
    connection.close()

    with pytest.raises(sqlite3.DatabaseError, match="format 99"):
        SpoolReader(path)


def test_a_failure_of_any_kind_is_told_to_the_clients_and_the_committer_lives_on(
    path, writer, monkeypatch
):
    acks = Acks()
    with monkeypatch.context() as patch:
        patch.setattr("collector.spool._used_bytes", lambda _: 1 / 0)
        writer.append(b"one", 1, acks)
        (failure,) = acks.wait(1)
    assert isinstance(failure, SpoolUnavailable)

    writer.append(b"two", 1, acks)

    assert acks.wait(2)[1] is None
