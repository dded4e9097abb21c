"""At half the highest load: how long an ack takes, and how long after it a trace can be found."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import grpc
import msgspec

from bench.client import Load, LoadClient, LoadResult, Protocol, finish
from bench.ingest import address_of, check_load
from bench.quantiles import Quantiles
from bench.queries import WrongAnswer
from bench.service import Service, Watch
from bench.settings import Settings
from bench.spans import build_template
from bench.stores import Stores

__all__ = ["LatencyResult", "measure_latency"]

_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_SECOND_NS = 1_000_000_000
_POLL_S = 0.01
_SEARCHABLE_TIMEOUT_S = 60.0
# An HTTP/1.1 connection has one request in flight: as many as it takes to keep the rate while
# each waits for its commit.
_CONNECTIONS = {Protocol.GRPC: 64, Protocol.HTTP: 256}
_CALIBRATION_S = 10.0
_STORE_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class LatencyResult:
    """What one transport gave at half load, Envoy's shape.

    Attributes:
        full_spans_per_second: the load of which this is half.
        load: what the client saw; its latency is from due to acked.
        searchable: from the ack of a probe until its trace was read back whole, seconds.
        rss_bytes: peak of all processes of the service.
    """

    protocol: Protocol
    full_spans_per_second: float
    load: LoadResult
    searchable: Quantiles
    rss_bytes: int


class _Span(msgspec.Struct):
    span_id: str


class _Trace(msgspec.Struct):
    spans: list[_Span]


def measure_latency(
    client: LoadClient,
    settings: Settings,
    stores: Stores,
    work: Path,
    full: dict[Protocol, float],
) -> list[LatencyResult]:
    """Measure each transport at half of ``full`` spans a second (measured first if not given).

    Raises WrongAnswer if a request is refused or a probe's trace cannot be found.
    """
    work.mkdir(parents=True)
    template = build_template(
        traces=2000, spans_per_request=5, round_ns=_SECOND_NS, seed=settings.seed
    )
    bodies = work / "bodies"
    template.write(bodies)
    results = []
    for protocol in Protocol:
        base = Load(
            bodies=bodies,
            seed=settings.seed,
            base_ns=time.time_ns() - 1800 * _SECOND_NS,
            round_ns=template.round_ns,
            connections=_CONNECTIONS[protocol],
            streams=4,
        )
        directory = work / protocol
        directory.mkdir()
        with (
            stores.fresh() as store,
            Service(directory, (*settings.serve_arguments, *store.arguments)) as service,
        ):
            runner = _Runner(client, service, protocol, base)
            warmed = runner.send(seconds=settings.warm_up_s)
            if protocol not in full:
                full[protocol] = runner.sustained(min(_CALIBRATION_S, settings.seconds))
            rate = full[protocol] / 2 / (warmed.acked_spans / warmed.acked_requests)
            results.append(runner.at_rate(rate, full[protocol], settings))
    bodies.unlink()
    return results


class _Runner:
    """Sends loads of one seed, one after the other, to one service."""

    def __init__(
        self, client: LoadClient, service: Service, protocol: Protocol, base: Load
    ) -> None:
        self._client = client
        self._service = service
        self._protocol = protocol
        self._address = address_of(service, protocol)
        self._base = base
        self._sent_requests = 0
        self._sent_spans = 0

    def send(self, seconds: float) -> LoadResult:
        """Send as fast as acks come, and wait until all is stored."""
        load = replace(self._base, seconds=seconds, first=self._sent_requests)
        seen = self._client.run(self._protocol, self._address, load)
        self._count(seen)
        return seen

    def sustained(self, seconds: float) -> float:
        """Return the spans a second that are acked and stored at full load."""
        started = time.monotonic()
        seen = self.send(seconds)
        return seen.acked_spans / (time.monotonic() - started)

    def at_rate(self, requests_per_second: float, full: float, settings: Settings) -> LatencyResult:
        """Send on a fixed schedule, with probes in between."""
        load = replace(
            self._base,
            seconds=settings.seconds,
            rate=requests_per_second,
            first=self._sent_requests,
        )
        interval_s = settings.seconds / settings.probes
        with Watch(self._service) as watch:
            process = self._client.start(self._protocol, self._address, load)
            try:
                with Prober(self._service) as prober:
                    waits = [
                        prober.probe(settings.seed + number, interval_s)
                        for number in range(settings.probes)
                    ]
            except BaseException:
                process.kill()
                process.communicate()
                raise
            seen = finish(process)
            self._sent_spans += prober.sent_spans
            self._count(seen)
        return LatencyResult(self._protocol, full, seen, Quantiles.of(waits), watch.peak.rss)

    def _count(self, seen: LoadResult) -> None:
        check_load(seen)
        self._sent_requests += seen.requests
        self._sent_spans += seen.acked_spans
        self._service.wait_until_stored(self._sent_spans, _STORE_TIMEOUT_S)


class Prober:
    """Exports single traces and reads them back; a context manager."""

    def __init__(self, service: Service) -> None:
        self._channel = grpc.insecure_channel(str(service.grpc))
        self._export: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(
            _EXPORT
        )
        self._query = http.client.HTTPConnection(str(service.query), timeout=30)
        self.sent_spans = 0

    def __enter__(self) -> Prober:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._query.close()
        self._channel.close()

    def probe(self, seed: int, interval_s: float) -> float:
        """Export a trace; return the seconds from its ack until it was read back whole.

        Returns not before ``interval_s`` seconds after the call. Raises WrongAnswer if the
        trace does not appear.
        """
        started = time.monotonic()
        template = build_template(
            traces=1, spans_per_request=512, round_ns=1, seed=~seed, origin_ns=time.time_ns()
        )
        (draft,) = template.traces
        self._export(template.bodies[0], timeout=30)
        acked = time.monotonic()
        expected = {span.span_id.hex() for span in draft.spans}
        while self._span_ids(draft.trace_id.hex()) != expected:
            if time.monotonic() > acked + _SEARCHABLE_TIMEOUT_S:
                raise WrongAnswer(
                    f"trace {draft.trace_id.hex()} was acked and cannot be read "
                    f"{_SEARCHABLE_TIMEOUT_S:.0f} s later"
                )
            time.sleep(_POLL_S)  # HTTP offers nothing to wait for
        found = time.monotonic()
        self.sent_spans += len(expected)
        time.sleep(max(0.0, started + interval_s - found))
        return found - acked

    def _span_ids(self, trace_id: str) -> set[str]:
        self._query.request("GET", f"/api/v1/traces/{trace_id}")
        answer = self._query.getresponse()
        body = answer.read()
        if answer.status == 404:
            return set()
        if answer.status != 200:
            raise WrongAnswer(f"trace {trace_id}: status {answer.status}: {body[:500]!r}")
        return {span.span_id for span in msgspec.json.decode(body, type=_Trace).spans}
