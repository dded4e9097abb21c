"""What the process that answers knows of itself.

It is handed in, as the API sees neither the receivers nor the service around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from storage.interface import StoreState, StoreStats

__all__ = [
    "Connections",
    "FaultCount",
    "FaultKind",
    "NothingKnown",
    "PeerState",
    "ReceivedCounts",
    "ReceiverState",
    "ReceivingState",
    "RetentionState",
    "SpoolFile",
    "StoreFacts",
    "SystemSource",
    "SystemState",
]


@dataclass(frozen=True, slots=True)
class Connections:
    """TCP connections of a port: open ones, and those that were closed within about a minute."""

    open: int
    closing: int


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """Where spans are taken.

    Attributes:
        protocol: ``otlp/grpc`` or ``otlp/http``.
        host, port: that it listens on.
        paths: that take spans; empty for gRPC.
        max_request_bytes: largest request.
        connections: None if the kernel does not tell.
    """

    protocol: str
    host: str
    port: int
    paths: tuple[str, ...]
    max_request_bytes: int
    connections: Connections | None

    @property
    def address(self) -> str:
        """``HOST:PORT``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback_only(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class ReceivedCounts:
    """What came in over one protocol; see ``ReceivedCounts`` of the contract."""

    accepted_requests: int = 0
    empty_requests: int = 0
    refused_requests: int = 0
    failed_requests: int = 0
    aborted_requests: int = 0
    accepted_spans: int = 0
    rejected_spans: int = 0
    refused_spans: int = 0
    received_bytes: int = 0

    @property
    def requests(self) -> int:
        """All that were answered."""
        return self.accepted_requests + self.refused_requests + self.failed_requests

    def by_name(self) -> dict[str, int]:
        """Return each number by its name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def sum(cls, counts: Iterable[ReceivedCounts]) -> ReceivedCounts:
        """Return the sum of ``counts``."""
        total: Counter[str] = Counter()
        for each in counts:
            total.update(each.by_name())
        return cls(**total)


class FaultKind(StrEnum):
    """What became of it."""

    REFUSED = "refused"
    REJECTED = "rejected"
    MENDED = "mended"
    DROPPED = "dropped"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How often something was not as it should be: since the start, and in the recent window."""

    kind: FaultKind
    reason: str
    count: int
    recent: int


@dataclass(frozen=True, slots=True)
class PeerState:
    """Who connected; see ``SystemPeer`` of the contract. ``last_seen_ns`` since the epoch."""

    address: str
    protocol: str
    client: str
    requests: int
    empty_requests: int
    unsuccessful_requests: int
    spans: int
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """The spool of one receiver process, and the process.

    Attributes:
        worker: its number.
        running: it listens; False for a file that an earlier start left.
        max_bytes: its share of the bound; None for a file that an earlier start left.
        waiting_bytes: before compression.
        oldest_ns: when the oldest that waits was acknowledged, since the epoch; None if none.
    """

    worker: int
    running: bool
    writable: bool
    restarts: int
    used_bytes: int
    max_bytes: int | None
    waiting_spans: int
    waiting_bytes: int
    oldest_ns: int | None


@dataclass(frozen=True, slots=True)
class ReceivingState:
    """What a process knows whose receivers are its own.

    Attributes:
        accepting: exports are acknowledged.
        recent_window_ns: the length of what ``recent`` counts.
        total, recent: by protocol.
        processed_spans, dropped_spans: that our processors were given, and took out.
        spool_max_bytes: over all receiver processes.
        lag_ns: of the last batch, from its acknowledgement; None before the first.
    """

    accepting: bool
    receivers: tuple[ReceiverState, ...]
    recent_window_ns: int
    total: Mapping[str, ReceivedCounts]
    recent: Mapping[str, ReceivedCounts]
    faults: tuple[FaultCount, ...]
    processed_spans: int
    dropped_spans: int
    peers: tuple[PeerState, ...]
    spools: tuple[SpoolFile, ...]
    spool_max_bytes: int
    lag_ns: int | None

    @property
    def oldest_waiting_ns(self) -> int | None:
        """When the oldest that waits in a spool was acknowledged; None if nothing waits."""
        waiting = [spool.oldest_ns for spool in self.spools if spool.oldest_ns is not None]
        return min(waiting, default=None)


@dataclass(frozen=True, slots=True)
class RetentionState:
    """How much is kept, and what the retention of this process did; None keeps everything."""

    max_age_ns: int | None
    max_bytes: int | None
    interval_ns: int
    rollups_max_age_ns: int | None
    deleted_by_age: int
    deleted_by_size: int
    failures: int


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What is known of the store besides its spans.

    Attributes:
        engine: ``duckdb`` or ``postgresql``; None if it is not known.
        stats: None while the store does not answer.
        tables: estimated rows by name; None if it does not tell.
        leading: whether this process keeps the rollups and the retention.
        pending_minutes: settled minutes still to be rolled up; None where another process leads.
    """

    engine: str | None
    state: StoreState
    stats: StoreStats | None
    tables: Mapping[str, int] | None
    leading: bool
    pending_minutes: int | None
    rollup_failures: int


@dataclass(frozen=True, slots=True)
class SystemState:
    """Everything, at one moment.

    Attributes:
        role: ``serve``, ``query`` or ``collector``.
        started_ns: since the epoch.
        receiving: None if the receivers are elsewhere; ``no_receiving`` then says why.
        retention: None if it is not known.
    """

    version: str
    role: str
    started_ns: int
    receiving: ReceivingState | None
    store: StoreFacts
    retention: RetentionState | None
    no_receiving: str = ""


class SystemSource(Protocol):
    """Knows the process."""

    def state(self) -> SystemState:
        """Return what is known now. Blocks: it reads files and may ask the store."""
        ...


@dataclass(frozen=True, slots=True)
class NothingKnown:
    """A :class:`SystemSource` for an application that nobody told more than its store."""

    version: str
    now_ns: Callable[[], int]
    started_ns: int = field(init=False)

    def __post_init__(self) -> None:
        """Take now for the start."""
        object.__setattr__(self, "started_ns", self.now_ns())

    def state(self) -> SystemState:
        """See :meth:`SystemSource.state`."""
        nothing = StoreFacts(None, StoreState.OK, None, None, False, None, 0)
        why = "the process that answers was not told where spans come in"
        return SystemState(self.version, "query", self.started_ns, None, nothing, None, why)
