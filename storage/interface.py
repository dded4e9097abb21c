"""The contract between the store and the rest of Spanloom.

The docstrings here are the specification: every engine passes the one contract suite in
``tests/storage/``. All methods block; callers in an event loop run them in threads. Readers and
the writer may be used from several threads at once (each call stands alone).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from model.batch import SpanBatch
from model.graph.measures import EdgeTable, OperationTable
from model.graph.pods import Pod
from model.graph.span_columns import SpanColumns
from model.graph.window import GraphWindow
from model.query import AttributeScope, Cursor, TraceQuery
from model.span import Span, SpanKind
from model.summary import TraceSummary
from storage.errors import (
    QueryTimeout,
    StatementRefused,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
)

__all__ = [
    "AttributeKey",
    "GraphReader",
    "HistogramBucket",
    "Operation",
    "QueryTimeout",
    "RetentionReport",
    "RollupReport",
    "SQLResult",
    "Service",
    "SpanReader",
    "SpanWriter",
    "SpoolPosition",
    "StatementRefused",
    "Store",
    "StoreError",
    "StoreState",
    "StoreStats",
    "StoreTooNew",
    "StoreUnavailable",
    "SummaryPage",
    "WriteResult",
]


@dataclass(frozen=True, slots=True)
class SpoolPosition:
    """How far one spool has been written to the store.

    Attributes:
        spool: the spool's stable unique id (a UUID kept inside the spool itself).
        position: number of the last record consumed; 0 before the first.
    """

    spool: str
    position: int


@dataclass(frozen=True, slots=True)
class WriteResult:
    """``written`` rows were new; ``duplicates`` were in the store (or twice in the batch)."""

    written: int
    duplicates: int


class SpanWriter(Protocol):
    """Puts batches into the store. One thread writes at a time."""

    def write(self, batch: SpanBatch, positions: Sequence[SpoolPosition]) -> WriteResult:
        """Store ``batch`` and ``positions`` in one transaction.

        - MUST return only after the transaction is durable (survives kill -9 of the process).
        - MUST store all or nothing: after any failure neither rows nor positions are visible.
        - A span whose identity (trace id, span id, kind) and start are stored already, or
          occur twice in the batch, MUST be stored once (rule G1).
        - An empty batch MUST still record ``positions``.
        - Raises StoreUnavailable when trying again may help; the caller retries with the same
          arguments for as long as it takes.
        """
        ...

    def positions(self) -> dict[str, int]:
        """Return the recorded position of every spool. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """One page of a search; ``next`` is None on the last page."""

    summaries: tuple[TraceSummary, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Service:
    """A service that has sent spans within the retention.

    Attributes:
        name: ``service.name`` as sent.
        service, namespace, cluster: its mesh identity; empty when unknown.
        last_seen_ns: start of its newest span, exact to the minute.
    """

    name: str
    service: str
    namespace: str
    cluster: str
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A span name of a service, with the kind of its spans."""

    name: str
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class AttributeKey:
    """An attribute key seen in the store, where it occurs, and whether a column holds it."""

    key: str
    scope: AttributeScope
    indexed: bool


@dataclass(frozen=True, slots=True)
class HistogramBucket:
    """Matching spans that start in ``[start_ns, start_ns + width)``."""

    start_ns: int
    span_count: int
    error_count: int


class SpanReader(Protocol):
    """Answers questions about stored spans.

    Every method takes ``timeout_s`` (seconds) and raises QueryTimeout when it runs out, after
    cancelling the work; all raise StoreUnavailable when the store cannot answer. A result
    reflects all transactions committed before the call. Times are nanoseconds since the epoch.
    """

    def get_traces(self, trace_ids: Sequence[str], *, timeout_s: float) -> dict[str, list[Span]]:
        """Return the spans of each stored trace, by trace id (32 lower-case hex digits).

        Ids that are not stored are absent from the result. Spans come whole, exactly as
        sent (attributes with type and order, events, links, resource, scope), in order of
        start, then span id.
        """
        ...

    def find_traces(self, query: TraceQuery, *, timeout_s: float) -> SummaryPage:
        """Return the newest ``query.limit`` matching traces after ``query.after``.

        Newest first *exactly*: by trace start (the earliest stored span), then by trace id,
        both descending; the same answer as a full scan. The summaries describe the whole trace,
        not just its matching spans. Walking all pages yields each match once.
        """
        ...

    def histogram(
        self, query: TraceQuery, width_ns: int, *, timeout_s: float
    ) -> list[HistogramBucket]:
        """Count the spans that match the query's span conditions, per bucket of ``width_ns``.

        Buckets cover ``[query.from_ns, query.to_ns)`` aligned to multiples of ``width_ns``,
        oldest first, empty ones included. Trace-duration conditions restrict the spans to
        traces that hold them. ``limit`` and ``after`` are ignored.
        """
        ...

    def services(self, *, timeout_s: float) -> list[Service]:
        """Return the services, ordered by name, namespace, cluster."""
        ...

    def operations(
        self, service: str, kind: SpanKind | None = None, *, timeout_s: float
    ) -> list[Operation]:
        """Return a service's operations by name, then kind; the name in any of its forms."""
        ...

    def attribute_keys(
        self, prefix: str = "", limit: int = 100, *, timeout_s: float
    ) -> list[AttributeKey]:
        """Return the attribute keys that start with ``prefix``, by key, then scope."""
        ...

    def attribute_values(
        self,
        key: str,
        prefix: str = "",
        service: str = "",
        limit: int = 100,
        *,
        timeout_s: float,
    ) -> list[str]:
        """Return distinct values (as text) of ``key``, most frequent first, then by text.

        Over span and resource attributes. May look at a recent sample of spans only
        (at least the newest 100,000 with that key's column filled or shape matching).
        """
        ...


class GraphReader(Protocol):
    """Answers what the dependency graph is made of, from rollups and from spans.

    Windows are half-open, ``[from_ns, to_ns)`` in nanoseconds since the epoch, and by the time of
    whole traces (rule G41), so adjacent windows add up. Whole minutes that are rolled up are read
    from rollups; the rest (parts of minutes at the ends, minutes not yet rolled up or dirtied by a
    late span) is computed from spans in the same snapshot, so an answer never depends on when
    rollups run: it equals what one delivery of all stored spans would have given. Minutes whose
    spans the retention has deleted still answer from rollups, each as a whole to the window that
    holds its start; spans that come later for such a minute no longer count. A trace takes no
    further batch into account once it has 100,000 spans. A window before or after all data is
    empty, one that ends before it begins raises ValueError. All methods raise QueryTimeout and
    StoreUnavailable.
    """

    def window(self, from_ns: int, to_ns: int, *, timeout_s: float) -> GraphWindow:
        """Return :meth:`edges`, the places of :meth:`operations`, and :meth:`pods`, for less."""
        ...

    def edges(self, from_ns: int, to_ns: int, *, timeout_s: float) -> EdgeTable:
        """Return the edges of the window, one row a key."""
        ...

    def operations(self, from_ns: int, to_ns: int, *, timeout_s: float) -> OperationTable:
        """Return the operations of the window, one row a key."""
        ...

    def edge_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[EdgeTable]:
        """Return the edges of each step: ``[from_ns + i * step_ns, …)``, the last one cut off.

        Raises ValueError for more than 10,000 steps.
        """
        ...

    def operation_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[OperationTable]:
        """Return the operations of each step, as :meth:`edge_steps`."""
        ...

    def spans(
        self, from_ns: int, to_ns: int, *, timeout_s: float, chunk_spans: int = 200_000
    ) -> Generator[SpanColumns, None, None]:
        """Yield the traces of the window, whole and each once, in chunks, by trace time.

        A chunk has about ``chunk_spans`` spans, more only where one trace has. The iterator reads
        one snapshot; close it when done.
        """
        ...

    def pods(self, from_ns: int, to_ns: int, *, timeout_s: float) -> list[Pod]:
        """Return the pods seen in the window, by address, then first seen."""
        ...

    def settled_ns(self) -> int:
        """Return the time before which minutes count as settled (rule G43)."""
        ...


@dataclass(frozen=True, slots=True)
class RollupReport:
    """A run of the rollups: ``minutes`` computed, ``corrected`` of them not for the first time."""

    minutes: int
    corrected: int
    spans: int
    rows: int


class StoreState(StrEnum):
    """Whether the store answers."""

    OK = "ok"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The store's size: rows of the span table, bytes on disk, and the time that it covers."""

    spans: int
    bytes_on_disk: int
    oldest_ns: int | None
    newest_ns: int | None
    schema_version: int


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What one run of the retention removed."""

    spans_deleted: int
    by_age: int
    by_size: int


@dataclass(frozen=True, slots=True)
class SQLResult:
    """The answer to a statement of a user; ``more`` if rows beyond the limit were left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    more: bool


class Store(Protocol):
    """An opened store. Opening migrates older data; it raises StoreTooNew on newer data."""

    @property
    def writer(self) -> SpanWriter:
        """The one writer."""
        ...

    @property
    def reader(self) -> SpanReader:
        """The reader; its methods may run at the same time as each other and as the writer."""
        ...

    @property
    def graph(self) -> GraphReader:
        """The reader of the dependency graph; used as :attr:`reader` is."""
        ...

    def lead(self) -> bool:
        """Return whether this process rolls up and applies the retention; take the lead if free.

        Asks anew each time. Who lost the lead meanwhile gets StoreUnavailable from
        :meth:`roll_up` and :meth:`apply_retention`, which change nothing more. The embedded
        store's one process always leads. Raises StoreUnavailable.
        """
        ...

    def roll_up(self, now_ns: int) -> RollupReport:
        """Compute the rollups of minutes that have settled or that late spans dirtied.

        A minute has settled once ``now_ns`` is past its end by the configured settle time. Each
        minute is replaced as a whole in one transaction together with what tells that it is up to
        date, so a crash leaves it right or to be done again; writes go on meanwhile. Deletes
        rollups beyond their own retention. Corrections that would take more than a share of the
        time wait for a later run. One thread at a time. Raises StoreUnavailable.
        """
        ...

    def apply_retention(
        self, now_ns: int, max_age_ns: int | None, max_bytes: int | None
    ) -> RetentionReport:
        """Delete spans that are too old, and the oldest spans while there are too many bytes.

        Too old are spans that started before ``now_ns - max_age_ns``; too many bytes are live
        data of more than ``max_bytes``. Writes go on. None switches a bound off. A trace is
        deleted as a whole: it is too old once all of it is, unless it goes on for more than an
        hour after. An engine that drops whole days may keep it for a day and an hour longer.
        """
        ...

    def sql(self, statement: str, *, limit: int, timeout_s: float) -> SQLResult:
        """Run one statement of a user, which can only read, in the engine's own SQL.

        Returns at most ``limit`` rows. Raises StatementRefused for a statement that is wrong
        or does more than read, QueryTimeout and StoreUnavailable.
        """
        ...

    def stats(self) -> StoreStats:
        """Return the size of the store. Cheap enough to call every few seconds."""
        ...

    def state(self) -> StoreState:
        """Ask the store for a sign of life; never raises."""
        ...

    def close(self) -> None:
        """Finish the transaction in hand and release everything. Safe to call twice."""
        ...
