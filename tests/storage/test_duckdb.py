"""What only the DuckDB engine has to do: heal, read offline, stay small, and survive kill -9."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from storage.config import StoreConfig
from storage.engines import open_store
from storage.incoming import time_ranges
from storage.interface import SpoolPosition, StoreError, StoreState, StoreUnavailable
from tests.storage.batches import batch_from_spans
from tests.storage.envoy import EnvoyTraffic
from tests.storage.spans import TIMEOUT_S, make_span

_LOCK = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("locked", flush=True)
sys.stdin.read()
"""

_WRITE_AND_DIE = """
import os, sys, signal
from pathlib import Path
from storage.config import StoreConfig
from storage.engines import open_store
from storage.interface import SpoolPosition
from tests.storage.envoy import EnvoyTraffic

store = open_store(StoreConfig(Path(sys.argv[1])))
traffic = EnvoyTraffic()
for number in range(1, 6):
    store.writer.write(traffic.batch(2000), [SpoolPosition("spool", number)])
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def config(tmp_path: Path) -> StoreConfig:
    return StoreConfig(tmp_path / "spans.duckdb")


def test_a_store_locked_by_another_process_heals_when_the_lock_goes(config: StoreConfig) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(config.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"
    store = open_store(config)
    try:
        assert store.state() is StoreState.UNAVAILABLE
        with pytest.raises(StoreUnavailable, match="lock"):
            store.writer.write(batch_from_spans([make_span()]), [SpoolPosition("a", 1)])
        with pytest.raises(StoreUnavailable):
            open_store(config, read_only=True)
    finally:
        holder.communicate()

    store.writer.write(batch_from_spans([make_span()]), [SpoolPosition("a", 1)])

    assert store.state() is StoreState.OK
    assert store.stats().spans == 1
    store.close()


@pytest.mark.parametrize("failure", [duckdb.IOException, duckdb.FatalException])
def test_a_database_that_broke_is_opened_anew(
    config: StoreConfig, failure: type[duckdb.Error], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(config)
    store.writer.write(batch_from_spans([make_span(1, 1)]), [SpoolPosition("a", 1)])

    def fail(*_: object) -> None:
        raise failure("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.writer), "_write_positions", fail)
        with pytest.raises(StoreUnavailable, match="the disk is gone"):
            store.writer.write(batch_from_spans([make_span(2, 2)]), [SpoolPosition("a", 2)])

    assert store.writer.positions() == {"a": 1}
    result = store.writer.write(batch_from_spans([make_span(2, 2)]), [SpoolPosition("a", 2)])
    assert result.written == 1
    assert store.stats().spans == 2
    store.close()


def test_what_was_committed_survives_kill_9(config: StoreConfig) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _WRITE_AND_DIE, str(config.path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert run.returncode == -9
    assert run.stdout.split() == [b"1", b"2", b"3", b"4", b"5"]

    store = open_store(config)

    assert store.writer.positions() == {"spool": 5}
    assert store.stats().spans == 10_000
    traffic = EnvoyTraffic()
    for number in range(5):
        assert store.writer.write(traffic.batch(2000), []).duplicates == 2000, number
    store.close()


def test_an_idle_store_can_be_read_offline(config: StoreConfig) -> None:
    store = open_store(config)
    store.writer.write(batch_from_spans([make_span(attributes={"a": "b"})]), [])
    store.close()

    store = open_store(config, read_only=True)

    view = store.sql("SELECT attribute_text(attributes, 'a') FROM span_view", limit=9, timeout_s=9)
    assert view.rows == (("b",),)
    assert len(store.reader.get_traces([make_span().trace_id], timeout_s=TIMEOUT_S)) == 1
    store.close()


def test_a_file_that_is_no_store_is_refused(config: StoreConfig) -> None:
    duckdb.connect(str(config.path)).close()

    with pytest.raises(StoreError, match="no Spanloom store"):
        open_store(config, read_only=True)


def test_spans_of_envoy_take_at_most_120_bytes(config: StoreConfig) -> None:
    store = open_store(config)
    traffic = EnvoyTraffic()
    for _ in range(5):
        store.writer.write(traffic.batch(20_000), [])
    store.close()

    assert config.path.stat().st_size / 100_000 <= 120


@pytest.mark.parametrize(
    ("starts_s", "ranges_s"),
    [
        ([5], [(5, 5)]),
        ([3, 1, 2], [(1, 3)]),
        ([0, 60, 120], [(0, 120)]),
        ([0, 61, 62], [(0, 0), (61, 62)]),
    ],
)
def test_starts_are_covered_by_ranges_without_wide_gaps(
    starts_s: list[int], ranges_s: list[tuple[int, int]]
) -> None:
    found = time_ranges(np.array(starts_s) * 1_000_000_000)

    assert found == [(a * 1_000_000_000, b * 1_000_000_000) for a, b in ranges_s]


def test_scattered_starts_are_covered_by_at_most_eight_ranges() -> None:
    starts = np.cumsum(np.arange(100) * 60_000_000_001)

    found = time_ranges(starts)

    assert len(found) == 8
    assert found[0] == (starts[0], starts[92])
    assert found[-1] == (starts[99], starts[99])


def test_the_database_can_not_reach_files(config: StoreConfig) -> None:
    store = open_store(config)
    for query in ("SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM '/etc/hostname'"):
        with pytest.raises(StoreError):
            store.sql(query, limit=1, timeout_s=TIMEOUT_S)
    store.close()
