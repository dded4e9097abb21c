"""The durable spool: an acknowledged body is on disk before its client hears of it.

One SQLite file per receiver process (WAL, ``synchronous=FULL``). A row holds the bodies of one
group commit, joined and compressed: concatenated ExportTraceServiceRequests are one valid
request, so the pipeline parses a row, or many rows, at once. Compression makes the commit three
times cheaper and lets an outage of the store last ten times longer (docs/adr/0002).

:class:`SpoolWriter` lives in the receiver process and appends; :class:`SpoolReader` lives in the
pipeline's process, reads, and trims what the store has.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import zstandard

from collector import pipeline_metrics as metrics
from collector.config import SpoolConfig
from collector.interface import CommitCallback, SpoolFull, SpoolUnavailable

__all__ = ["Backlog", "Record", "SpoolReader", "SpoolWriter"]

_log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (id TEXT NOT NULL, format INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS record (
  position INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: the store remembers it
  span_count INTEGER NOT NULL,
  byte_count INTEGER NOT NULL,                -- of the body before compression
  committed_ns INTEGER NOT NULL,              -- since the epoch
  body BLOB NOT NULL                          -- one zstd frame
);
"""
_FORMAT = 1
_BUSY_TIMEOUT_S = 30.0
_COMPRESSION_LEVEL = 1
_MAX_WAITING_GROUPS = 64
_FULL_RECHECK_S = 0.1


@dataclass(frozen=True, slots=True)
class Record:
    """The bodies of one group commit, joined: a valid ExportTraceServiceRequest.

    Attributes:
        spool: the spool's id.
        position: grows by record, never reused.
        committed_ns: time of the commit, nanoseconds since the epoch.
    """

    spool: str
    position: int
    span_count: int
    committed_ns: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a spool.

    Attributes:
        bytes: before compression.
        oldest_ns: time of the first commit among it, nanoseconds since the epoch; None if
            nothing waits.
    """

    spans: int
    bytes: int
    oldest_ns: int | None


@dataclass(slots=True)
class _Group:
    """Requests that will share one commit."""

    bodies: list[bytes]
    callbacks: list[CommitCallback]
    span_count: int
    byte_count: int
    opened_ns: int


class SpoolWriter:
    """Appends bodies by group commit; a :class:`collector.interface.SpoolSink`.

    The first body of a group opens it; the group is committed when ``commit_delay_ns`` has
    passed or it holds ``commit_bytes``, whichever is first. ``on_commit`` is called after each
    commit, on the committer thread.
    """

    def __init__(
        self,
        path: Path,
        config: SpoolConfig,
        *,
        max_bytes: int | None = None,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """``max_bytes`` is this file's share of ``config.max_bytes`` (all of it by default)."""
        self._path = path
        self._config = config
        self._max_bytes = max_bytes or config.max_bytes
        self._on_commit = on_commit
        self._condition = threading.Condition()
        self._group = _Group([], [], 0, 0, 0)
        self._accepting = False
        self._full = False
        self._healthy = True
        self._thread = threading.Thread(target=self._run, name="spool-committer", daemon=True)

    @property
    def healthy(self) -> bool:
        """False since the last commit failed for another reason than a full spool."""
        return self._healthy

    def start(self) -> None:
        """Open or create the file and start committing. Raises SpoolUnavailable."""
        try:
            with closing(_connect(self._path)) as connection:
                _create(connection)
        except sqlite3.Error as error:
            raise SpoolUnavailable(f"cannot open the spool {self._path}: {error}") from error
        self._accepting = True
        self._thread.start()

    def append(self, body: bytes, span_count: int, done: CommitCallback) -> None:
        """Queue ``body`` for the next group commit (see :class:`collector.interface.SpoolSink`).

        Raises SpoolFull while the file holds its maximum, SpoolUnavailable while draining.
        """
        with self._condition:
            if not self._accepting:
                raise SpoolUnavailable("the service is shutting down")
            group = self._group
            if self._full:
                metrics.spool_refused.inc()
                raise SpoolFull(f"the spool holds its maximum of {self._max_bytes} bytes")
            if group.byte_count > _MAX_WAITING_GROUPS * self._config.commit_bytes:
                # More would be a queue in memory without bound while the disk is stuck.
                metrics.spool_refused.inc()
                raise SpoolUnavailable("the spool's disk does not keep up")
            if not group.bodies:
                group.opened_ns = time.monotonic_ns()
            group.bodies.append(body)
            group.callbacks.append(done)
            group.span_count += span_count
            group.byte_count += len(body)
            if len(group.bodies) == 1 or group.byte_count >= self._config.commit_bytes:
                self._condition.notify()

    def close(self) -> None:
        """Refuse new bodies, commit those in hand, and release the file."""
        with self._condition:
            self._accepting = False
            self._condition.notify()
        self._thread.join()

    def _run(self) -> None:
        compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)
        connection: sqlite3.Connection | None = None
        while (group := self._next_group()) is not None:
            error: Exception | None = None
            try:
                # A fresh connection after a failure: its state after an I/O error is unknown.
                connection = connection or _connect(self._path)
                if group.bodies:
                    self._commit(connection, compressor, group)
                self._full = _used_bytes(connection) >= self._max_bytes
            except Exception as cause:  # noqa: BLE001 - whatever it is, the clients wait to hear it
                error = self._failure(cause)
                if connection is not None:
                    connection.close()
                    connection = None
            for done in group.callbacks:
                done(error)
            if error is None and group.bodies:
                self._on_commit()
        if connection is not None:
            connection.close()

    def _next_group(self) -> _Group | None:
        """Wait for a group that is due; None when draining is done.

        While the spool is full nothing is accepted: an empty group asks to look again whether
        the pipeline has trimmed.
        """
        delay_ns = self._config.commit_delay_ns
        with self._condition:
            while True:
                group = self._group
                if group.bodies:
                    wait_ns = group.opened_ns + delay_ns - time.monotonic_ns()
                    full = group.byte_count >= self._config.commit_bytes
                    if full or wait_ns <= 0 or not self._accepting:
                        self._group = _Group([], [], 0, 0, 0)
                        return group
                    self._condition.wait(wait_ns / 1e9)
                elif not self._accepting:
                    return None
                elif self._full:
                    if not self._condition.wait(_FULL_RECHECK_S):
                        return _Group([], [], 0, 0, 0)  # not the open one: it may fill meanwhile
                else:
                    self._condition.wait()

    def _commit(
        self, connection: sqlite3.Connection, compressor: zstandard.ZstdCompressor, group: _Group
    ) -> None:
        started = time.perf_counter()
        body = compressor.compress(b"".join(group.bodies))
        connection.execute(
            "INSERT INTO record (span_count, byte_count, committed_ns, body) VALUES (?, ?, ?, ?)",
            (group.span_count, group.byte_count, time.time_ns(), body),
        )
        self._healthy = True
        metrics.spool_commit_seconds.observe(time.perf_counter() - started)
        metrics.spool_spans.inc(group.span_count)

    def _failure(self, cause: Exception) -> SpoolUnavailable:
        metrics.spool_failures.inc()
        if self._healthy:  # once per outage, not per request
            _log.error("the spool cannot be written", path=str(self._path), error=str(cause))
        self._healthy = False
        # Serve the next group by a new try, not by a refusal: the disk may be back.
        self._full = False
        return SpoolUnavailable(f"the spool cannot be written: {cause}")


class SpoolReader:
    """Reads a spool from the pipeline's process, in order, and trims what the store has.

    Used by one thread at a time. Opening creates the file if the receiver has not yet; the
    methods raise sqlite3.Error when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = _connect(path)
        # Losing a trim in a crash is harmless (the store remembers the position), so the
        # receiver need not wait for an fsync of ours.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        _create(self._connection)
        self.id: str = self._connection.execute("SELECT id FROM spool").fetchone()[0]
        self._decompressor = zstandard.ZstdDecompressor()

    def read(self, after: int, max_bytes: int) -> Iterator[Record]:
        """Yield the records after position ``after``, until they exceed ``max_bytes`` in sum.

        Always yields at least one record if there is one.
        """
        taken = 0
        with closing(
            self._connection.execute(
                "SELECT position, span_count, byte_count, committed_ns, body FROM record "
                "WHERE position > ? ORDER BY position",
                (after,),
            )
        ) as rows:
            for position, span_count, byte_count, committed_ns, body in rows:
                if taken and taken + byte_count > max_bytes:
                    return
                taken += byte_count
                plain = self._decompressor.decompress(body, max_output_size=byte_count)
                yield Record(self.id, position, span_count, committed_ns, plain)

    def backlog(self, after: int) -> Backlog:
        """Return what the records after ``after`` hold."""
        row = self._connection.execute(
            "SELECT coalesce(sum(span_count), 0), coalesce(sum(byte_count), 0), min(committed_ns) "
            "FROM record WHERE position > ?",
            (after,),
        ).fetchone()
        return Backlog(*row)

    def used_bytes(self) -> int:
        """Bytes in use in the file, compressed, without its write-ahead log."""
        return _used_bytes(self._connection)

    def trim(self, up_to: int) -> None:
        """Delete the records up to position ``up_to`` and fold the write-ahead log back.

        The log is folded here, outside the accept path: first while the receiver goes on
        writing, then the little that came meanwhile, which lets the log start anew.
        """
        self._connection.execute("DELETE FROM record WHERE position <= ?", (up_to,))
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def close(self) -> None:
        """Release the file."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    # Debian's SQLite overwrites deleted pages with zeros unless told not to.
    connection.execute("PRAGMA secure_delete=OFF")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _create(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        for statement in _SCHEMA.strip().split(";\n"):
            connection.execute(statement)
        found = connection.execute("SELECT format FROM spool").fetchone()
        if found is None:
            connection.execute("INSERT INTO spool VALUES (?, ?)", (str(uuid.uuid4()), _FORMAT))
        elif found[0] != _FORMAT:
            raise sqlite3.DatabaseError(
                f"the spool has format {found[0]}, this version of Spanloom knows {_FORMAT}"
            )


def _used_bytes(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)
