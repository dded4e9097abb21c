"""What a process tells of itself, made by hand: all is well unless a test says otherwise."""

from __future__ import annotations

from typing import Any

from api.system.state import (
    Connections,
    FaultCount,
    FaultKind,
    PeerState,
    ReceivedCounts,
    ReceiverState,
    ReceivingState,
    RetentionState,
    SpoolFile,
    StoreFacts,
    SystemState,
)
from storage.interface import StoreState, StoreStats
from tests.api.sample import NOON_NS, SECOND

NOW_NS = NOON_NS + 60 * SECOND
BUSY = ReceivedCounts(
    accepted_requests=20, empty_requests=2, accepted_spans=100, received_bytes=9000
)
NO_CONNECTION = Connections(0, 0)


def receiver(protocol: str = "otlp/grpc", **changed: Any) -> ReceiverState:
    port, paths = (4317, ()) if protocol == "otlp/grpc" else (4318, ("/v1/traces",))
    fields = {"host": "0.0.0.0", "port": port, "paths": paths, "connections": Connections(2, 1)}
    return ReceiverState(
        **{"protocol": protocol, "max_request_bytes": 64 << 20, **fields, **changed}
    )


def both_receivers(**changed: Any) -> tuple[ReceiverState, ...]:
    return (receiver("otlp/grpc", **changed), receiver("otlp/http", **changed))


def fault(kind: FaultKind, reason: str, count: int = 3, recent: int = 2) -> FaultCount:
    return FaultCount(kind, reason, count, recent)


def spool(worker: int = 0, **changed: Any) -> SpoolFile:
    fields = {
        "running": True,
        "writable": True,
        "restarts": 0,
        "used_bytes": 1000,
        "max_bytes": 50_000,
        "waiting_spans": 0,
        "waiting_bytes": 0,
        "oldest_ns": None,
    }
    return SpoolFile(worker=worker, **{**fields, **changed})


def receiving(**changed: Any) -> ReceivingState:
    fields = {
        "accepting": True,
        "receivers": both_receivers(),
        "recent_window_ns": 300 * SECOND,
        "total": {"otlp/grpc": BUSY, "otlp/http": BUSY},
        "recent": {"otlp/grpc": BUSY, "otlp/http": ReceivedCounts()},
        "faults": (),
        "processed_spans": 200,
        "dropped_spans": 0,
        "peers": (
            PeerState("10.0.0.1", "otlp/grpc", "OTel-OTLP-Exporter-Envoy", 20, 2, 0, 100, NOW_NS),
        ),
        "spools": (spool(0), spool(1)),
        "spool_max_bytes": 100_000,
        "lag_ns": 600_000_000,
    }
    return ReceivingState(**{**fields, **changed})


NOTHING_RECEIVED = {
    "total": {"otlp/grpc": ReceivedCounts(), "otlp/http": ReceivedCounts()},
    "recent": {"otlp/grpc": ReceivedCounts(), "otlp/http": ReceivedCounts()},
    "peers": (),
    "receivers": both_receivers(connections=NO_CONNECTION),
    "processed_spans": 0,
}


def stats(**changed: Any) -> StoreStats:
    fields = {
        "spans": 12,
        "bytes_on_disk": 9999,
        "oldest_ns": NOON_NS,
        "newest_ns": NOW_NS - 5 * SECOND,
        "schema_version": 3,
    }
    return StoreStats(**{**fields, **changed})


def store(**changed: Any) -> StoreFacts:
    fields = {
        "engine": "duckdb",
        "state": StoreState.OK,
        "stats": stats(),
        "tables": {"spans": 12, "services": 3},
        "leading": True,
        "pending_minutes": 0,
        "rollup_failures": 0,
    }
    return StoreFacts(**{**fields, **changed})


RETENTION = RetentionState(
    7 * 86_400 * SECOND, 20 << 30, 600 * SECOND, 30 * 86_400 * SECOND, 5, 0, 0
)


def system(**changed: Any) -> SystemState:
    fields = {
        "version": "1.2.3",
        "role": "serve",
        "started_ns": NOON_NS,
        "receiving": receiving(),
        "store": store(),
        "retention": RETENTION,
    }
    return SystemState(**{**fields, **changed})


class KnownSystem:
    """A SystemSource that says what it was given."""

    def __init__(self, state: SystemState) -> None:
        self.given = state

    def state(self) -> SystemState:
        return self.given


def query_role() -> SystemState:
    return system(role="query", receiving=None, no_receiving="the collectors are elsewhere")
