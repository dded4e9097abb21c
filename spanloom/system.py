"""What a process of Spanloom tells about itself over ``/api/v1/system``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from api.system.state import (
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
from spanloom import __version__
from spanloom.config import Config
from spanloom.connections import tcp_connections
from spanloom.counters import CounterHistory, Counters
from spanloom.data_dir import DataDir
from spanloom.endpoint import Addresses
from spanloom.health import Health
from spanloom.peer_files import read_peers
from storage.interface import Store, StoreError, StoreState

__all__ = ["System"]

_TRANSPORTS = {"otlp/grpc": "grpc", "otlp/http": "http"}
_SECOND_NS = 1_000_000_000
_TABLES_TIMEOUT_S = 2.0
_MOST_TABLES = 100

_ELSEWHERE = (
    "this process only answers questions (spanloom query); what its collectors receive is in "
    "their own /metrics and /status"
)
_ROWS_OF_DUCKDB = (
    "SELECT table_name, estimated_size FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
)
# A partitioned table is the sum of its partitions, which PostgreSQL keeps estimates of.
_ROWS_OF_POSTGRESQL = (
    "SELECT root::text, sum(rows)::bigint FROM (SELECT"
    " coalesce(pg_partition_root(oid), oid::regclass) AS root, greatest(reltuples, 0) AS rows"
    " FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace) AS leaf"
    " GROUP BY root"
)


class System:
    """An :class:`api.system.state.SystemSource` over the parts of this process."""

    def __init__(
        self,
        config: Config,
        addresses: Addresses,
        health: Health,
        store: Store,
        history: CounterHistory,
    ) -> None:
        self._config = config
        self._addresses = addresses
        self._health = health
        self._store = store
        self._history = history
        self._data = DataDir(config.data_path)

    def state(self) -> SystemState:
        """See :meth:`api.system.state.SystemSource.state`."""
        now, lately, window_ns = self._history.read()
        receives = self._health.role.receives
        return SystemState(
            version=__version__,
            role=self._health.role.value,
            started_ns=int(self._health.started_at * _SECOND_NS),
            receiving=self._receiving(now, lately, window_ns) if receives else None,
            store=self._store_facts(now),
            retention=self._retention(now),
            no_receiving="" if receives else _ELSEWHERE,
        )

    def _receiving(self, now: Counters, lately: Counters, window_ns: int) -> ReceivingState:
        given = now.by("processor", "otelcol_processor_incoming_items_total")
        supervisor, pipeline = self._health.supervisor, self._health.pipeline
        return ReceivingState(
            accepting=supervisor is not None and supervisor.accepting,
            receivers=self._receivers(),
            recent_window_ns=window_ns,
            total=_received(now),
            recent=_received(lately),
            faults=_faults(now, lately),
            processed_spans=max(given.values(), default=0),
            dropped_spans=sum(_dropped(now).values()),
            peers=tuple(
                PeerState(
                    peer.address,
                    f"otlp/{peer.transport}",
                    peer.client,
                    peer.requests,
                    peer.empty_requests,
                    peer.unsuccessful_requests,
                    peer.spans,
                    peer.last_seen_ns,
                )
                for peer in read_peers(self._data.peers)
            ),
            spools=self._spools(),
            spool_max_bytes=self._config.spool.max_bytes,
            lag_ns=pipeline.lag_ns if pipeline is not None else None,
        )

    def _receivers(self) -> tuple[ReceiverState, ...]:
        listening = {
            name: address
            for name, address in self._addresses.by_name.items()
            if name in _TRANSPORTS
        }
        connections = tcp_connections({address.port for address in listening.values()})
        protocols = self._config.receivers.otlp.protocols
        return tuple(
            ReceiverState(
                name,
                address.host,
                address.port,
                protocols.http.traces_paths if name == "otlp/http" else (),
                (protocols.http if name == "otlp/http" else protocols.grpc).max_request_bytes,
                connections[address.port] if connections is not None else None,
            )
            for name, address in listening.items()
        )

    def _spools(self) -> tuple[SpoolFile, ...]:
        """Return the spools that the pipeline reads, each with the process that writes it."""
        supervisor, pipeline = self._health.supervisor, self._health.pipeline
        processes = (
            {process.worker: process for process in supervisor.processes} if supervisor else {}
        )
        share = max(1, self._config.spool.max_bytes // self._config.workers)
        found = []
        for spool in pipeline.spools if pipeline is not None else ():
            number = re.search(r"[0-9]+", spool.path.stem)
            assert number is not None, f"{spool.path} has no number"
            process = processes.get(int(number[0]))
            found.append(
                SpoolFile(
                    worker=int(number[0]),
                    running=process is not None and process.ready,
                    writable=process is not None and process.spool_writable,
                    restarts=process.restarts if process is not None else 0,
                    used_bytes=spool.used_bytes,
                    max_bytes=share if process is not None else None,
                    waiting_spans=spool.backlog.spans,
                    waiting_bytes=spool.backlog.bytes,
                    oldest_ns=spool.backlog.oldest_ns,
                )
            )
        return tuple(found)

    def _store_facts(self, now: Counters) -> StoreFacts:
        stats, tables = None, None
        state = self._health.store
        embedded = not self._config.store.url
        try:
            stats = self._store.stats()
            tables = self._tables(_ROWS_OF_DUCKDB if embedded else _ROWS_OF_POSTGRESQL)
        except StoreError:
            state = StoreState.UNAVAILABLE if stats is None else state
        leading = bool(now.total("spanloom_store_leading"))
        return StoreFacts(
            engine="duckdb" if embedded else "postgresql",
            state=StoreState.OK if stats is not None else state,
            stats=stats,
            tables=tables,
            leading=leading,
            pending_minutes=now.total("spanloom_rollup_pending_minutes") if leading else None,
            rollup_failures=now.total("spanloom_rollup_failures_total"),
        )

    def _tables(self, statement: str) -> Mapping[str, int]:
        found = self._store.sql(statement, limit=_MOST_TABLES, timeout_s=_TABLES_TIMEOUT_S)
        return {str(name): int(str(rows)) for name, rows in found.rows}

    def _retention(self, now: Counters) -> RetentionState:
        settings = self._config.store
        deleted = now.by("reason", "spanloom_store_spans_deleted_total")
        return RetentionState(
            max_age_ns=settings.retention.max_age_ns,
            max_bytes=settings.retention.max_bytes,
            interval_ns=int(settings.retention.interval_s * _SECOND_NS),
            rollups_max_age_ns=settings.rollups.max_age_ns,
            deleted_by_age=deleted.get("age", 0),
            deleted_by_size=deleted.get("size", 0),
            failures=now.total("spanloom_retention_failures_total"),
        )


def _received(counters: Counters) -> dict[str, ReceivedCounts]:
    def count(name: str, transport: str, **labels: str) -> int:
        return counters.total(name, transport=transport, **labels)

    return {
        protocol: ReceivedCounts(
            accepted_requests=count(
                "otelcol_receiver_requests_total", transport, outcome="success"
            ),
            empty_requests=count("spanloom_receiver_empty_requests_total", transport),
            refused_requests=count("otelcol_receiver_requests_total", transport, outcome="refused"),
            failed_requests=count("otelcol_receiver_requests_total", transport, outcome="failure"),
            aborted_requests=count("spanloom_receiver_aborted_requests_total", transport),
            accepted_spans=count("otelcol_receiver_accepted_spans_total", transport),
            rejected_spans=count("spanloom_receiver_rejected_spans_total", transport),
            refused_spans=count("otelcol_receiver_refused_spans_total", transport),
            received_bytes=count("spanloom_receiver_received_bytes_total", transport),
        )
        for protocol, transport in _TRANSPORTS.items()
    }


def _faults(now: Counters, lately: Counters) -> tuple[FaultCount, ...]:
    recent = _fault_counts(lately)
    return tuple(
        FaultCount(kind, reason, count, recent[kind, reason])
        for (kind, reason), count in _fault_counts(now).items()
        if count
    )


def _fault_counts(counters: Counters) -> Counter[tuple[FaultKind, str]]:
    counts: Counter[tuple[FaultKind, str]] = Counter()
    for kind, label, name in (
        (FaultKind.REFUSED, "condition", "spanloom_receiver_errors_total"),
        (FaultKind.REJECTED, "reason", "spanloom_receiver_rejected_spans_total"),
        (FaultKind.MENDED, "reason", "spanloom_mended_spans_total"),
    ):
        counts.update({(kind, why): count for why, count in counters.by(label, name).items()})
    aborted = counters.total("spanloom_receiver_aborted_requests_total")
    counts[FaultKind.REFUSED, "aborted"] = aborted
    counts.update({(FaultKind.DROPPED, why): count for why, count in _dropped(counters).items()})
    aside = counters.total("spanloom_spool_records_set_aside_total")
    counts[FaultKind.SET_ASIDE, "not_storable"] = aside
    return counts


def _dropped(counters: Counters) -> dict[str, int]:
    """Return how many spans each processor took out."""
    given = counters.by("processor", "otelcol_processor_incoming_items_total")
    passed = counters.by("processor", "otelcol_processor_outgoing_items_total")
    return {name: max(0, count - passed.get(name, 0)) for name, count in given.items()}
