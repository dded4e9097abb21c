"""The JSON document of ``/system``, as ``openapi.yaml`` declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from api.system.check import Check
from api.system.faults import explained
from api.system.senders import Sender, namespaces
from api.system.state import (
    FaultCount,
    PeerState,
    ReceivedCounts,
    ReceiverState,
    ReceivingState,
    RetentionState,
    SpoolFile,
    StoreFacts,
    SystemState,
)
from api.times import format_duration, format_time

__all__ = ["MAX_SENDERS", "Window", "system_document"]

MAX_SENDERS = 1000
"""Services and peers that an answer names."""

Document = dict[str, object]


class Window(msgspec.Struct, frozen=True):
    """A time in which spans are counted, and the services of the store with their spans in it."""

    from_ns: int
    to_ns: int
    services: Sequence[Sender]


def system_document(
    state: SystemState,
    now_ns: int,
    settled_ns: int,
    senders: Window | None,
    checks: Sequence[Check],
    not_known: Mapping[str, str],
) -> Document:
    """Return the document.

    Args:
        state: what the process knows of itself.
        now_ns: the time.
        settled_ns: the time before which the graph's minutes count as settled.
        senders: None while the store does not answer.
        checks: the walk.
        not_known: what is null, and why.
    """
    receiving = state.receiving
    return {
        "version": state.version,
        "role": state.role,
        **_time("start_time", state.started_ns),
        **_time("now", now_ns),
        "checks": [_check(each) for each in checks],
        "receivers": [_receiver(each) for each in receiving.receivers] if receiving else None,
        "received": _received(receiving) if receiving else None,
        "senders": _senders(senders) if senders else None,
        "peers": [_peer(each) for each in receiving.peers[:MAX_SENDERS]] if receiving else None,
        "faults": _faults(receiving.faults) if receiving else None,
        "spool": _spool(receiving, now_ns) if receiving else None,
        "lag": _lag(receiving, now_ns) if receiving else None,
        "store": _store(state.store),
        "retention": _retention(state.retention) if state.retention else None,
        "rollups": {
            **_time("settled_to", settled_ns),
            "pending_minutes": state.store.pending_minutes,
            "leading": state.store.leading,
            "failures": state.store.rollup_failures,
        },
        "not_known": [{"part": part, "reason": why} for part, why in not_known.items()],
    }


def _time(name: str, ns: int | None) -> Document:
    return {
        name: None if ns is None else format_time(ns),
        f"{name}_unix_nano": None if ns is None else str(ns),
    }


def _duration(name: str, ns: int | None) -> Document:
    return {
        name: None if ns is None else format_duration(ns),
        f"{name}_nano": None if ns is None else str(ns),
    }


def _check(check: Check) -> Document:
    return {
        "id": check.id,
        "status": check.status.value,
        "finding": check.finding,
        "values": check.values,
        "summary": check.summary,
        "advice": check.advice,
    }


def _receiver(receiver: ReceiverState) -> Document:
    return {
        "protocol": receiver.protocol,
        "address": receiver.address,
        "host": receiver.host,
        "port": receiver.port,
        "loopback_only": receiver.loopback_only,
        "paths": receiver.paths,
        "max_request_bytes": receiver.max_request_bytes,
        "connections": receiver.connections,
    }


def _received(receiving: ReceivingState) -> Document:
    return {
        **_duration("recent_window", receiving.recent_window_ns),
        "total": _counts(ReceivedCounts.sum(receiving.total.values())),
        "recent": _counts(ReceivedCounts.sum(receiving.recent.values())),
        "by_protocol": [
            {
                "protocol": protocol,
                "total": _counts(total),
                "recent": _counts(receiving.recent[protocol]),
            }
            for protocol, total in receiving.total.items()
        ],
    }


def _counts(counts: ReceivedCounts) -> Document:
    return {"requests": counts.requests, **counts.by_name()}


def _senders(window: Window) -> Document:
    return {
        **_time("from_time", window.from_ns),
        **_time("to_time", window.to_ns),
        "namespaces": [
            {**_sender(each), "services": each.services} for each in namespaces(window.services)
        ],
        "services": [
            {**_sender(each), "service": each.service, "workloads": sorted(each.workloads)}
            for each in window.services[:MAX_SENDERS]
        ],
        "service_count": len(window.services),
    }


def _sender(sender: Sender) -> Document:
    return {
        "cluster": sender.cluster,
        "namespace": sender.namespace,
        "pods": len(sender.pods),
        "spans": sender.spans,
        **_time("last_seen", sender.last_seen_ns),
    }


def _peer(peer: PeerState) -> Document:
    return {
        "address": peer.address,
        "protocol": peer.protocol,
        "client": peer.client,
        "requests": peer.requests,
        "empty_requests": peer.empty_requests,
        "unsuccessful_requests": peer.unsuccessful_requests,
        "spans": peer.spans,
        **_time("last_seen", peer.last_seen_ns),
    }


def _faults(faults: Sequence[FaultCount]) -> list[Document]:
    documents: list[Document] = []
    for fault in sorted(faults, key=lambda each: (-each.recent, -each.count, each.reason)):
        meaning, advice = explained(fault.kind, fault.reason)
        documents.append(
            {
                "kind": fault.kind.value,
                "reason": fault.reason,
                "count": fault.count,
                "recent": fault.recent,
                "meaning": meaning,
                "advice": advice,
            }
        )
    return documents


def _spool(receiving: ReceivingState, now_ns: int) -> Document:
    return {
        "used_bytes": sum(spool.used_bytes for spool in receiving.spools),
        "max_bytes": receiving.spool_max_bytes,
        "waiting_spans": sum(spool.waiting_spans for spool in receiving.spools),
        "waiting_bytes": sum(spool.waiting_bytes for spool in receiving.spools),
        "receivers": [_spool_file(spool, now_ns) for spool in receiving.spools],
    }


def _spool_file(spool: SpoolFile, now_ns: int) -> Document:
    return {
        "worker": spool.worker,
        "running": spool.running,
        "writable": spool.writable,
        "restarts": spool.restarts,
        "used_bytes": spool.used_bytes,
        "max_bytes": spool.max_bytes,
        "waiting_spans": spool.waiting_spans,
        "waiting_bytes": spool.waiting_bytes,
        **_duration("oldest_age", _age(spool.oldest_ns, now_ns)),
    }


def _lag(receiving: ReceivingState, now_ns: int) -> Document:
    return {
        **_duration("last_batch", receiving.lag_ns),
        **_duration("oldest_waiting", _age(receiving.oldest_waiting_ns, now_ns)),
    }


def _age(ns: int | None, now_ns: int) -> int | None:
    return None if ns is None else max(0, now_ns - ns)


def _store(store: StoreFacts) -> Document:
    stats, tables = store.stats, store.tables
    by_rows = sorted(tables.items(), key=lambda item: (-item[1], item[0])) if tables else []
    return {
        "engine": store.engine,
        "state": store.state.value,
        "data_version": stats.schema_version if stats else None,
        "bytes": stats.bytes_on_disk if stats else None,
        "spans": stats.spans if stats else None,
        **_time("oldest_span", stats.oldest_ns if stats else None),
        **_time("newest_span", stats.newest_ns if stats else None),
        "tables": (
            None if tables is None else [{"name": name, "rows": rows} for name, rows in by_rows]
        ),
    }


def _retention(retention: RetentionState) -> Document:
    return {
        **_duration("max_age", retention.max_age_ns),
        "max_bytes": retention.max_bytes,
        **_duration("interval", retention.interval_ns),
        **_duration("rollups_max_age", retention.rollups_max_age_ns),
        "deleted_spans_by_age": retention.deleted_by_age,
        "deleted_spans_by_size": retention.deleted_by_size,
        "failures": retention.failures,
    }
