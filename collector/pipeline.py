"""The pipeline: from the spools to the store, each span once.

A batch and the positions up to which it consumed the spools are written in one transaction, so
a crash anywhere neither loses nor doubles a span: what the store has not committed is still in
the spool, what it has committed is skipped at the next start. A record that cannot be turned into
rows (which would be our fault, receivers check what they let in) is set aside in a file, counted,
and never stops the others.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog

from collector import pipeline_metrics as metrics
from collector.config import PipelineConfig, ProcessorConfig
from collector.decode import Decoder
from collector.interface import SpoolUnavailable
from collector.processors import Chain
from collector.spool import Backlog, Record, SpoolReader
from model.batch import SpanBatch
from model.columns import WELL_KNOWN, WellKnownColumn
from storage.interface import SpanWriter, SpoolPosition, StoreUnavailable, WriteResult

__all__ = ["Pipeline", "SpoolState"]

_log = structlog.get_logger(__name__)

_EXPORTER = "store"
_TRIM_INTERVAL_S = 1.0
_SPOOL_RETRY_S = 1.0
_ABANDON_S = 5.0

_NICENESS = 10

T = TypeVar("T")


@dataclass(slots=True)
class _Source:
    """One spool, and how far it has been read, stored and trimmed."""

    spool: SpoolReader
    read: int = 0
    stored: int = 0
    trimmed: int = 0


@dataclass(frozen=True, slots=True)
class SpoolState:
    """How full a spool was when it was last looked at.

    Attributes:
        used_bytes: on disk.
        backlog: what the store does not have yet.
    """

    path: Path
    used_bytes: int
    backlog: Backlog


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Records and the rows made of them; None if they cannot be turned into rows together."""

    records: list[Record]
    batch: SpanBatch | None


class Pipeline:
    """A thread that reads spools, decodes and processes, and one that writes.

    The next batch is decoded while the last one is written (the store's engine works without
    Python's lock); no more than these two are in memory. Receivers call :meth:`notify` (through
    a pipe, in the service) after a group commit; nothing is polled. While the store is
    unavailable, writing is tried again with back-off and the spools grow; nobody else notices.

    Attributes:
        spools: as they were after the last batch, or try; empty before the first.
        lag_ns: age of the oldest span of the last batch, from its commit in the spool to the
            store, in nanoseconds; None before the first.
    """

    def __init__(
        self,
        writer: SpanWriter,
        spools: Sequence[Path],
        config: PipelineConfig,
        processors: Sequence[ProcessorConfig],
        columns: tuple[WellKnownColumn, ...] = WELL_KNOWN,
    ) -> None:
        self._writer = writer
        self._paths = tuple(spools)
        self._config = config
        self._columns = columns
        self._decoder = Decoder(columns)
        self._chain = Chain(processors, columns)
        self.spools: tuple[SpoolState, ...] = ()
        self.lag_ns: int | None = None
        self._sources: list[_Source] = []
        self._wake = threading.Event()
        self._stopping = threading.Event()  # finish what there is, then end
        self._abandoned = threading.Event()  # end now
        self._drained = False
        self._last_trim = 0.0
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)
        self._write_thread = ThreadPoolExecutor(
            1, thread_name_prefix="pipeline-writer", initializer=_give_way
        )
        self._writing: Future[bool] | None = None

    def start(self) -> None:
        """Open the spools and start; whatever they hold already is written first.

        Raises SpoolUnavailable if a spool cannot be opened.
        """
        for path in self._paths:
            try:
                self._sources.append(_Source(SpoolReader(path)))
            except sqlite3.Error as error:
                raise SpoolUnavailable(f"cannot open the spool {path}: {error}") from error
        self._wake.set()
        self._thread.start()

    def notify(self) -> None:
        """Say that a spool has something new. Thread-safe, never blocks."""
        self._wake.set()

    def stop(self, grace_s: float) -> bool:
        """Write what the spools hold, for at most ``grace_s`` seconds, and stop.

        Returns whether everything is in the store. What is not stays in the spools and is
        written at the next start. The receivers must have stopped before.
        """
        self._stopping.set()
        self._wake.set()
        self._thread.join(grace_s)
        self._abandoned.set()
        self._thread.join(_ABANDON_S)
        return self._drained

    @property
    def alive(self) -> bool:
        """Whether the thread is running; it ends by :meth:`stop` only."""
        return self._thread.is_alive()

    def _run(self) -> None:
        _give_way()
        positions = self._persist(self._writer.positions)
        if positions is None:
            return
        for source in self._sources:
            source.read = source.stored = positions.get(source.spool.id, 0)
        more = True
        while not self._abandoned.is_set():
            self._wake.wait()
            self._wake.clear()
            self._linger()
            # What is committed while the last batch is written and trimmed, and before the stop,
            # only a look that begins after it finds.
            is_last = self._stopping.is_set()
            while (more := self._consume()) and not self._abandoned.is_set():
                pass
            if is_last:
                break
        self._await_write()
        self._drained = not more and all(s.stored == s.read for s in self._sources)
        self._trim()
        self._write_thread.shutdown()
        for source in self._sources:
            source.spool.close()

    def _linger(self) -> None:
        """Let the batch fill: few large transactions suit a columnar store."""
        linger_until = time.monotonic() + self._config.linger_ns / 1e9
        while not self._stopping.is_set() and (left := linger_until - time.monotonic()) > 0:
            if self._unread_bytes() >= self._config.batch_bytes:
                return
            # Woken by the next group commit, by stop, or at the end of the linger time.
            self._wake.wait(left)
            self._wake.clear()

    def _consume(self) -> bool:
        """Prepare one batch and hand it to the writing thread; False if there was nothing."""
        records: list[Record] = []
        budget = self._config.batch_bytes
        for source in self._sources:
            if budget > 0:
                taken = self._read(source, budget)
                records.extend(taken)
                budget -= sum(len(record.body) for record in taken)
        if records:
            prepared = self._prepare(records)
            if self._await_write():
                self._writing = self._write_thread.submit(self._store, prepared)
        else:
            self._await_write()
        if not records or time.monotonic() - self._last_trim > _TRIM_INTERVAL_S:
            self._trim()
        return bool(records)

    def _await_write(self) -> bool:
        """Wait for the batch in hand; False if it was abandoned."""
        writing, self._writing = self._writing, None
        return writing is None or writing.result()

    def _prepare(self, records: list[Record]) -> _Prepared:
        try:
            batch = self._chain.process(self._decoder.decode(b"".join(r.body for r in records)))
        except Exception:  # noqa: BLE001 - the writer finds the culprit, counts and logs it
            return _Prepared(records, None)
        return _Prepared(records, batch)

    def _read(self, source: _Source, budget: int) -> list[Record]:
        try:
            records = list(source.spool.read(source.read, budget))
        except sqlite3.Error as error:
            # The disk may come back; the receiver reports not ready meanwhile.
            metrics.spool_failures.inc()
            _log.error("the spool cannot be read", path=str(source.spool.path), error=str(error))
            self._abandoned.wait(_SPOOL_RETRY_S)
            self._wake.set()
            return []
        if records:
            source.read = records[-1].position
        return records

    def _store(self, prepared: _Prepared) -> bool:
        """Write ``prepared`` in one transaction; False if abandoned before.

        If that fails for another reason than the store's absence, the records are halved until
        the culprit stands alone.
        """
        records = prepared.records
        try:
            # Decoding again, alone on this thread, is what tells why a batch is missing.
            batch = self._rescue_batch(records) if prepared.batch is None else prepared.batch
            result = self._write(batch, records)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other records must get in
            if len(records) == 1:
                return self._set_aside(records[0], error)
            middle = len(records) // 2
            return all(
                self._store(_Prepared(half, None)) for half in (records[:middle], records[middle:])
            )
        if result is None:
            return False
        if len(batch):  # a probe of the spool has no spans
            self.lag_ns = time.time_ns() - records[0].committed_ns
            metrics.pipeline_lag_seconds.set(self.lag_ns / 1e9)
        metrics.batch_spans.observe(len(batch))
        metrics.written_spans.labels(_EXPORTER).inc(result.written)
        metrics.duplicate_spans.inc(result.duplicates)
        return True

    def _rescue_batch(self, records: list[Record]) -> SpanBatch:
        decoder = Decoder(self._columns)  # the other one may be at work on the next batch
        return self._chain.process(decoder.decode(b"".join(record.body for record in records)))

    def _set_aside(self, record: Record, error: Exception) -> bool:
        """Keep a record that defeats us in a file that ``spanloom import`` reads, and go on."""
        metrics.records_set_aside.inc()
        folder = self._paths[0].parent / "set-aside"
        path = folder / f"{record.spool}-{record.position}.otlp"
        _log.error(
            "a spool record cannot be stored and is set aside",
            path=str(path),
            spans=record.span_count,
            error=f"{type(error).__name__}: {error}",
        )

        def keep() -> Path:
            try:
                folder.mkdir(exist_ok=True)
                with path.open("wb") as file:
                    file.write(record.body)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as cause:
                raise StoreUnavailable(f"cannot write {path}: {cause}") from cause
            return path

        if self._persist(keep) is None:
            return False
        return self._write(self._rescue_batch([]), [record]) is not None

    def _write(self, batch: SpanBatch, records: list[Record]) -> WriteResult | None:
        """Write until the store takes it; None if abandoned before."""
        reached = {record.spool: record.position for record in records}
        positions = [SpoolPosition(spool, position) for spool, position in reached.items()]

        def write() -> WriteResult:
            with metrics.write_seconds.time():
                return self._writer.write(batch, positions)

        result = self._persist(write)
        if result is not None:
            for source in self._sources:
                source.stored = reached.get(source.spool.id, source.stored)
        return result

    def _persist(self, action: Callable[[], T]) -> T | None:
        """Try until the store is available again; None if abandoned before."""
        wait_s = self._config.retry_min_ns / 1e9
        while not self._abandoned.is_set():
            try:
                return action()
            except StoreUnavailable as error:
                metrics.store_failures.labels(_EXPORTER).inc()
                _log.warning("the store is unavailable, trying again", error=str(error))
            self._report()  # the spools fill meanwhile
            self._abandoned.wait(wait_s * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret
            wait_s = min(wait_s * 2, self._config.retry_max_ns / 1e9)
        return None

    def _trim(self) -> None:
        self._last_trim = time.monotonic()
        for source in self._sources:
            stored = source.stored
            if stored > source.trimmed:
                try:
                    source.spool.trim(stored)
                except sqlite3.Error as error:
                    metrics.spool_failures.inc()
                    _log.error("the spool cannot be trimmed", error=str(error))
                else:
                    source.trimmed = stored
        self._report()

    def _unread_bytes(self) -> int:
        try:
            return sum(source.spool.backlog(source.read).bytes for source in self._sources)
        except sqlite3.Error:
            metrics.spool_failures.inc()  # the next read says in the log what is wrong
            return 0

    def _report(self) -> None:
        """Publish what the store does not have yet, and the size of the spools."""
        try:
            self.spools = tuple(
                SpoolState(
                    source.spool.path,
                    source.spool.used_bytes(),
                    source.spool.backlog(source.stored),
                )
                for source in self._sources
            )
        except sqlite3.Error:
            metrics.spool_failures.inc()
            return
        metrics.spool_backlog_spans.set(sum(spool.backlog.spans for spool in self.spools))
        metrics.spool_backlog_bytes.set(sum(spool.backlog.bytes for spool in self.spools))
        metrics.spool_used_bytes.set(sum(spool.used_bytes for spool in self.spools))


def _give_way() -> None:
    """Let receivers and queries go before this thread: the spool can wait, clients do not."""
    if sys.platform == "linux":  # where a priority belongs to a thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
