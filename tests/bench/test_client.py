"""The compiled client sends what the generator foresees, over both transports."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.client import Load, LoadClient
from bench.mesh import SpanDraft, TraceDraft
from bench.spans import Round, Template, build_template
from tests.bench.conftest import Receiver

SEED, BASE_NS, ROUND_NS = 5, 1_800_000_000_000_000_000, 10**9


def write_template(path: Path) -> Template:
    template = build_template(traces=40, spans_per_request=5, round_ns=ROUND_NS, seed=2)
    template.write(path)
    return template


def load_of(path: Path, requests: int, **options: int | float | bool) -> Load:
    return Load(
        path, SEED, BASE_NS, ROUND_NS, connections=2, streams=3, requests=requests, **options
    )


def sent_spans(receiver: Receiver) -> Counter[tuple[str, str, str, int, int, str]]:
    return Counter(
        (
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            next(
                (a.value.string_value for a in span.attributes if a.key == "guid:x-request-id"), ""
            ),
        )
        for body in receiver.bodies
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans
        for span in resource_spans.scope_spans[0].spans
    )


def foreseen_span(
    round_: Round, trace: TraceDraft, span: SpanDraft
) -> tuple[str, str, str, int, int, str]:
    return (
        round_.trace_id(trace),
        round_.span_id(span.span_id),
        round_.span_id(span.parent_id) if span.parent_id else "",
        span.start_ns + round_.shift_ns,
        span.end_ns + round_.shift_ns,
        round_.request_id(trace) if "guid:x-request-id" in span.attributes else "",
    )


def foreseen_spans(template: Template, rounds: int) -> Counter[tuple[str, str, str, int, int, str]]:
    return Counter(
        foreseen_span(round_, trace, span)
        for round_ in (Round(SEED, number, BASE_NS, ROUND_NS) for number in range(rounds))
        for trace in template.traces
        for span in trace.spans
    )


def test_every_round_arrives_as_foreseen(
    load_client: LoadClient, receiver: Receiver, bodies_file: Path
) -> None:
    template = write_template(bodies_file)
    load = load_of(bodies_file, 3 * len(template.bodies))

    result = load_client.run(receiver.protocol, receiver.address, load)

    assert result.acked_spans == 3 * template.span_count
    assert result.partial == 0
    assert sent_spans(receiver) == foreseen_spans(template, 3)


def test_two_loads_of_one_seed_can_follow_each_other(
    load_client: LoadClient, receiver: Receiver, bodies_file: Path
) -> None:
    template = write_template(bodies_file)
    whole = len(template.bodies)

    load_client.run(receiver.protocol, receiver.address, load_of(bodies_file, 7))
    rest = load_of(bodies_file, whole - 7, first=7)
    load_client.run(receiver.protocol, receiver.address, rest)

    assert sent_spans(receiver) == foreseen_spans(template, 1)


def test_refused_requests_are_sent_again_when_asked_to(
    load_client: LoadClient, receiver: Receiver, bodies_file: Path
) -> None:
    template = write_template(bodies_file)
    receiver.refuse = 4
    load = load_of(bodies_file, len(template.bodies), retry=True)

    result = load_client.run(receiver.protocol, receiver.address, load)

    assert result.sent_again == 4
    assert sent_spans(receiver) == foreseen_spans(template, 1)


def test_refused_requests_are_lost_otherwise_and_counted_by_status(
    load_client: LoadClient, receiver: Receiver, bodies_file: Path
) -> None:
    template = write_template(bodies_file)
    receiver.refuse = 4
    load = load_of(bodies_file, len(template.bodies))

    result = load_client.run(receiver.protocol, receiver.address, load)

    assert result.acked_requests == result.requests - 4
    assert 4 in {result.grpc_status.get("14"), result.http_status.get("503")}


def test_a_fixed_rate_is_a_schedule_that_is_kept(
    load_client: LoadClient, receiver: Receiver, bodies_file: Path
) -> None:
    write_template(bodies_file)

    result = load_client.run(
        receiver.protocol, receiver.address, load_of(bodies_file, 20, rate=100.0)
    )

    assert result.acked_requests == 20
    assert result.elapsed_s >= 19 / 100
