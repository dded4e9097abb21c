"""Fills a store with many spans over two hours, and weighs it.

The spans go through the service at full speed, 512 a request over gRPC: that is the fastest way
in, and the one that users have. Refused requests (full spool) are sent again.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

from bench.client import Load, LoadClient, Protocol
from bench.expected import Dataset
from bench.queries import WrongAnswer
from bench.service import Service
from bench.settings import Settings
from bench.spans import build_template
from bench.stores import Store

__all__ = ["DiskResult", "fill", "load_dataset", "wait_until_rolled_up"]

_COVERED_NS = 2 * 3_600_000_000_000
_TRACES = 2400  # about 20,000 spans
_SLOWEST_SPANS_PER_S = 2000
_ROLLED_UP_S = 15


@dataclass(frozen=True, slots=True)
class DiskResult:
    """The weight of what the service left when it was stopped.

    Attributes:
        spans: stored.
        parts: bytes by what they hold (:class:`bench.stores.StoreSize`).
        bytes_per_span: of the store. The spool is not part of it: it is empty by then, and its
            files keep the size of the largest backlog for the next one.
        load_s: from the first request until the last span was stored.
    """

    spans: int
    parts: dict[str, int]
    bytes_per_span: float
    load_s: float


def load_dataset(
    client: LoadClient, settings: Settings, store: Store, work: Path
) -> tuple[Dataset, DiskResult]:
    """Store ``settings.spans`` spans (or up to a round more) in ``store`` and stop the service.

    Raises WrongAnswer if not every request was acked in the end.
    """
    work.mkdir(parents=True)
    shape = build_template(
        traces=_TRACES, spans_per_request=512, round_ns=_COVERED_NS, seed=settings.seed
    )
    rounds = math.ceil(settings.spans / shape.span_count)
    template = build_template(
        traces=_TRACES,
        spans_per_request=512,
        round_ns=_COVERED_NS // rounds,
        seed=settings.seed,
    )
    data = Dataset(template, settings.seed, time.time_ns() - _COVERED_NS, rounds)
    with Service(work, (*settings.serve_arguments, *store.arguments)) as service:
        load_s = fill(client, service, data, work)
        # Two hours came within minutes; what that left to do would fall into the measurements.
        wait_until_rolled_up(service)
        data_dir = service.data_dir
    store.tidy()
    size = store.size(data_dir)
    per_span = size.store_bytes / data.span_count
    return data, DiskResult(data.span_count, size.parts, per_span, load_s)


def fill(client: LoadClient, service: Service, data: Dataset, work: Path) -> float:
    """Send all of ``data`` and wait until it is stored; returns the seconds that it took.

    Raises WrongAnswer if not every request was acked in the end.
    """
    bodies = work / "bodies"
    data.template.write(bodies)
    load = Load(
        bodies=bodies,
        seed=data.seed,
        base_ns=data.base_ns,
        round_ns=data.template.round_ns,
        connections=8,
        streams=2,
        requests=data.rounds * len(data.template.bodies),
        retry=True,
    )
    started = time.monotonic()
    seen = client.run(Protocol.GRPC, service.grpc, load)
    if seen.partial or seen.acked_spans != data.span_count:
        raise WrongAnswer(
            f"of {data.span_count} spans {seen.acked_spans} were acked, {seen.partial} "
            f"requests in part; gRPC status {seen.grpc_status}"
        )
    timeout_s = 60 + data.span_count / _SLOWEST_SPANS_PER_S
    stored_at = service.wait_until_stored(data.span_count, timeout_s)
    bodies.unlink()
    return stored_at - started


def wait_until_rolled_up(service: Service) -> None:
    """Wait until no minute has been left to be rolled up for longer than a run takes to begin."""
    deadline = time.monotonic() + 900
    idle_s = 0
    while idle_s < _ROLLED_UP_S:
        if time.monotonic() > deadline:
            raise RuntimeError("not all was rolled up within a quarter of an hour")
        time.sleep(1)
        idle_s = 0 if service.counter("spanloom_rollup_pending_minutes") else idle_s + 1
