"""The pipeline: everything in the spools reaches the store once, whatever the store does."""

import threading

import pytest

from collector.config import PipelineConfig, SpoolConfig, default_processors
from collector.pipeline import Pipeline
from collector.spool import SpoolReader, SpoolWriter
from storage.interface import StoreUnavailable, WriteResult
from tests.collector.builders import request, span

QUICK = PipelineConfig(linger_ns=0, retry_min_ns=1_000_000, retry_max_ns=2_000_000)
LONG_S = 30


class MemoryWriter:
    """A span writer that keeps names and positions, and fails when told to."""

    def __init__(self, failures=0, poison=None):
        self.names = []
        self.transactions = 0
        self.reached = {}
        self.failures = failures
        self.poison = poison
        self.changed = threading.Condition()

    def write(self, batch, positions):
        names = batch.spans["name"].to_pylist()
        with self.changed:
            if self.failures:
                self.failures -= 1
                raise StoreUnavailable("the database is locked")
            if self.poison in names:
                raise RuntimeError("a defect of ours")
            self.names.extend(names)
            self.transactions += 1
            self.reached.update((found.spool, found.position) for found in positions)
            self.changed.notify_all()
        return WriteResult(len(names), 0)

    def positions(self):
        return dict(self.reached)

    def wait_for(self, *names):
        with self.changed:
            assert self.changed.wait_for(lambda: sorted(self.names) == sorted(names), LONG_S)


@pytest.fixture
def spool_path(tmp_path):
    return tmp_path / "receiver-0.sqlite"


@pytest.fixture
def run(spool_path):
    pipelines = []

    def start(writer, *paths, config=QUICK):
        pipeline = Pipeline(writer, paths or [spool_path], config, default_processors())
        pipelines.append(pipeline)
        pipeline.start()
        return pipeline

    yield start
    for pipeline in pipelines:
        pipeline.stop(LONG_S)


def spooled(path, *bodies):
    """Write each body as a record of its own."""
    writer = SpoolWriter(path, SpoolConfig(commit_delay_ns=0))
    writer.start()
    for body in bodies:
        done = threading.Event()
        writer.append(body, 1, lambda _, done=done: done.set())
        assert done.wait(LONG_S)
    writer.close()


def test_what_the_spool_held_before_the_start_is_written(spool_path, run):
    spooled(spool_path, request(span(1)), request(span(2)))
    store = MemoryWriter()

    run(store)

    store.wait_for("span 1", "span 2")


def test_a_commit_that_is_announced_is_written(spool_path, run):
    store = MemoryWriter()
    pipeline = run(store)
    writer = SpoolWriter(spool_path, SpoolConfig(), on_commit=pipeline.notify)
    writer.start()

    writer.append(request(span(1)), 1, lambda _: None)

    store.wait_for("span 1")
    writer.close()


def test_all_spools_are_written(tmp_path, run):
    paths = [tmp_path / "receiver-0.sqlite", tmp_path / "receiver-1.sqlite"]
    for number, path in enumerate(paths):
        spooled(path, request(span(number)))
    store = MemoryWriter()

    run(store, *paths)

    store.wait_for("span 0", "span 1")
    assert 2 == len(store.reached)


def test_what_the_store_has_already_is_not_written_again(spool_path, run):
    spooled(spool_path, request(span(1)))
    store = MemoryWriter()
    run(store).stop(LONG_S)
    spooled(spool_path, request(span(2)))

    run(store).stop(LONG_S)

    assert ["span 1", "span 2"] == store.names


def test_what_the_store_has_is_trimmed_from_the_spool(spool_path, run):
    spooled(spool_path, request(span(1)))

    run(MemoryWriter()).stop(LONG_S)

    reader = SpoolReader(spool_path)
    assert reader.backlog(0).oldest_ns is None
    reader.close()


def test_an_unavailable_store_is_tried_until_it_is_back(spool_path, run):
    spooled(spool_path, request(span(1)))
    store = MemoryWriter(failures=20)

    run(store)

    store.wait_for("span 1")


def test_stopping_while_the_store_is_unavailable_leaves_the_spans_in_the_spool(spool_path, run):
    spooled(spool_path, request(span(1)))
    pipeline = run(MemoryWriter(failures=1_000_000))

    drained = pipeline.stop(0.05)

    assert not drained
    assert not pipeline.alive
    store = MemoryWriter()
    run(store)
    store.wait_for("span 1")


def test_stopping_writes_everything_first_and_says_so(spool_path, run):
    spooled(spool_path, *(request(span(number)) for number in range(50)))
    store = MemoryWriter()
    pipeline = run(store, config=PipelineConfig(batch_bytes=1, linger_ns=3_600_000_000_000))

    assert pipeline.stop(LONG_S)

    assert 50 == len(store.names)


def test_what_is_committed_after_the_last_look_and_before_the_stop_is_written_first(
    spool_path, run, monkeypatch
):
    spooled(spool_path, request(span(1, name="early")))
    writer = MemoryWriter()
    looked, goes_on = threading.Event(), threading.Event()
    read = SpoolReader.read

    def read_and_wait(reader, after, max_bytes):
        records = list(read(reader, after, max_bytes))
        if not records and not looked.is_set():
            looked.set()
            assert goes_on.wait(LONG_S)
        return records

    monkeypatch.setattr(SpoolReader, "read", read_and_wait)
    pipeline = run(writer)
    assert looked.wait(LONG_S)
    spooled(spool_path, request(span(2, name="late")))
    drained = []
    stop = threading.Thread(target=lambda: drained.append(pipeline.stop(LONG_S)))
    stop.start()
    assert pipeline._stopping.wait(LONG_S)
    goes_on.set()
    stop.join(LONG_S)

    assert drained == [True]
    assert writer.names == ["early", "late"]


def test_a_batch_is_cut_at_its_bytes(spool_path, run):
    spooled(spool_path, *(request(span(number)) for number in range(4)))
    store = MemoryWriter()

    run(store, config=PipelineConfig(batch_bytes=2 * len(request(span(1))), linger_ns=0))

    store.wait_for(*(f"span {number}" for number in range(4)))
    assert 2 == store.transactions


@pytest.mark.parametrize("poison", ["span 0", "span 3", "span 6"])
def test_a_record_that_defeats_us_is_set_aside_and_all_others_are_written(
    tmp_path, spool_path, run, poison
):
    names = [f"span {number}" for number in range(7)]
    spooled(spool_path, *(request(span(number)) for number in range(7)))
    store = MemoryWriter(poison=poison)

    pipeline = run(store)

    store.wait_for(*(name for name in names if name != poison))
    assert pipeline.stop(LONG_S)
    (aside,) = (tmp_path / "set-aside").iterdir()
    assert request(span(int(poison[-1]))) == aside.read_bytes()


def test_a_record_that_the_disk_has_changed_is_set_aside(tmp_path, spool_path, run):
    spooled(spool_path, request(span(1)), b"\xff\xff\xff", request(span(2)))
    store = MemoryWriter()

    pipeline = run(store)

    store.wait_for("span 1", "span 2")
    assert pipeline.stop(LONG_S)
    (aside,) = (tmp_path / "set-aside").iterdir()
    assert b"\xff\xff\xff" == aside.read_bytes()


def test_the_spools_and_the_lag_tell_how_far_the_store_is_behind(spool_path, run):
    spooled(spool_path, request(span(1)))

    pipeline = run(MemoryWriter())
    pipeline.stop(LONG_S)

    assert [spool_path] == [spool.path for spool in pipeline.spools]
    assert (0, None) == (
        pipeline.spools[0].backlog.spans,
        pipeline.spools[0].backlog.oldest_ns,
    )
    assert pipeline.lag_ns > 0


def test_what_holds_no_span_has_no_lag(spool_path, run):
    spooled(spool_path, b"")

    pipeline = run(MemoryWriter())
    pipeline.stop(LONG_S)

    assert pipeline.lag_ns is None


def test_while_the_store_is_away_it_is_known_what_waits_and_since_when(spool_path, run):
    spooled(spool_path, request(span(1)))
    tried = threading.Semaphore(0)

    class Away(MemoryWriter):
        def write(self, batch, positions):
            tried.release()
            return super().write(batch, positions)

    writer = Away(failures=1_000_000)
    pipeline = run(writer)
    for _ in range(2):  # it is told between the tries
        assert tried.acquire(timeout=LONG_S)
    waiting = pipeline.spools[0].backlog
    writer.failures = 0

    assert 1 == waiting.spans
    assert waiting.oldest_ns is not None
