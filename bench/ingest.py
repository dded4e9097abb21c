"""Sustained acked ingest: how many spans a second, at what price in CPU and memory.

Each case has a service and a data directory of its own. "Sustained" counts until the last acked
span is in the store, so a receiver that outruns the store gains nothing. When the spool is full by
that, requests are refused; the client sends them again, and the result says how many. Where it
would take the store minutes to take all that was acked, the load ends after a number of spans.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.client import Load, LoadClient, LoadResult, Protocol
from bench.queries import WrongAnswer, count_stored
from bench.service import Address, Service, Watch
from bench.settings import Settings
from bench.spans import build_template
from bench.stores import Stores

__all__ = ["CASES", "IngestCase", "IngestResult", "measure_ingest"]

_SECOND_NS = 1_000_000_000
_PAST_NS = 1800 * _SECOND_NS
_STORE_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class IngestCase:
    """One shape of load.

    Attributes:
        spans_per_request: 5 is Envoy's default.
        traces: of the template.
        connections, streams: of the load client.
    """

    protocol: Protocol
    spans_per_request: int
    traces: int
    connections: int
    streams: int = 1


CASES = (
    IngestCase(Protocol.GRPC, 5, traces=2000, connections=64, streams=4),
    IngestCase(Protocol.HTTP, 5, traces=2000, connections=256),
    IngestCase(Protocol.GRPC, 512, traces=8000, connections=8, streams=2),
    IngestCase(Protocol.HTTP, 512, traces=8000, connections=16),
)


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What one case gave.

    Attributes:
        template: averages of the load's shape.
        load: what the client saw during the measured time.
        acked_spans_per_second: until the last ack.
        stored_spans_per_second: until the last acked span was in the store.
        stored_spans: counted in the store afterwards, warm-up included; equals ``sent_spans``.
        cpu_s_per_million: CPU seconds of each role, and of the client, for a million spans.
        rss_bytes, pss_bytes: peak of all processes of the service together.
    """

    case: IngestCase
    template: dict[str, float]
    load: LoadResult
    acked_spans_per_second: float
    stored_spans_per_second: float
    sent_spans: int
    stored_spans: int
    cpu_s_per_million: dict[str, float]
    rss_bytes: int
    pss_bytes: int


def measure_ingest(
    client: LoadClient, settings: Settings, stores: Stores, work: Path
) -> Iterator[IngestResult]:
    """Yield the result of each case. Raises WrongAnswer if acked spans are not in the store."""
    for case in CASES:
        name = f"ingest-{case.protocol}-{case.spans_per_request}"
        with stores.fresh() as store:
            arguments = (*settings.serve_arguments, *store.arguments)
            yield _measure(client, case, settings, stores, arguments, work / name)


def address_of(service: Service, protocol: Protocol) -> Address:
    """Return where the service takes ``protocol``."""
    return service.grpc if protocol is Protocol.GRPC else service.http


def check_load(load: LoadResult) -> None:
    """Raise WrongAnswer unless every request was acked in full in the end."""
    if load.partial or load.acked_requests != load.requests:
        raise WrongAnswer(
            f"of {load.requests} requests {load.acked_requests} were acked, {load.partial} of "
            f"them in part; gRPC status {load.grpc_status}, HTTP status {load.http_status}"
        )


def _measure(
    client: LoadClient,
    case: IngestCase,
    settings: Settings,
    stores: Stores,
    arguments: tuple[str, ...],
    work: Path,
) -> IngestResult:
    work.mkdir(parents=True)
    template = build_template(
        traces=case.traces,
        spans_per_request=case.spans_per_request,
        round_ns=_SECOND_NS,
        seed=settings.seed,
    )
    bodies = work / "bodies"
    template.write(bodies)
    base_ns = time.time_ns() - _PAST_NS
    most = settings.most_spans * len(template.bodies) // template.span_count
    warm_up = _load(
        case,
        bodies,
        base_ns,
        settings,
        seconds=settings.warm_up_s,
        most=round(most * settings.warm_up_s / settings.seconds),
    )
    with Service(work, arguments) as service:
        address = address_of(service, case.protocol)
        warmed = client.run(case.protocol, address, warm_up)
        check_load(warmed)
        service.wait_until_stored(warmed.acked_spans, _STORE_TIMEOUT_S)

        measured = _load(
            case,
            bodies,
            base_ns,
            settings,
            seconds=settings.seconds,
            most=most,
            first=warmed.requests,
        )
        sent = warmed.acked_spans
        cpu_before = {**service.cpu_seconds(), **stores.cpu_seconds()}
        started = time.monotonic()
        with Watch(service) as watch:
            load = client.run(case.protocol, address, measured)
            check_load(load)
            sent += load.acked_spans
            stored_at = service.wait_until_stored(sent, _STORE_TIMEOUT_S)
        cpu = {
            role: seconds - cpu_before.get(role, 0.0)
            for role, seconds in {**service.cpu_seconds(), **stores.cpu_seconds()}.items()
        }
        rounds = math.ceil((warmed.requests + load.requests) / len(template.bodies)) + 1
        end_ns = base_ns + rounds * template.round_ns
        stored = asyncio.run(count_stored(service.query, base_ns, end_ns))
    bodies.unlink()
    if stored != sent:
        raise WrongAnswer(f"{sent} spans were acked and {stored} are in the store")
    millions = load.acked_spans / 1e6
    return IngestResult(
        case=case,
        template=template.facts(),
        load=load,
        acked_spans_per_second=load.spans_per_second,
        stored_spans_per_second=load.acked_spans / (stored_at - started),
        sent_spans=sent,
        stored_spans=stored,
        cpu_s_per_million={
            role: seconds / millions for role, seconds in {**cpu, "client": load.cpu_s}.items()
        },
        rss_bytes=watch.peak.rss,
        pss_bytes=watch.peak.pss,
    )


def _load(
    case: IngestCase,
    bodies: Path,
    base_ns: int,
    settings: Settings,
    *,
    seconds: float,
    most: int,
    first: int = 0,
) -> Load:
    return Load(
        bodies=bodies,
        seed=settings.seed,
        base_ns=base_ns,
        round_ns=_SECOND_NS,
        connections=case.connections,
        streams=case.streams,
        seconds=seconds,
        requests=most,
        first=first,
        retry=True,
    )
