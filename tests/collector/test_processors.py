"""The processors, each by itself, on decoded batches."""

import msgspec
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import REGISTRY

from collector.config import Drop, MeshIdentity, ProcessorConfig, Sanitise
from collector.decode import Decoder
from collector.processors import Chain
from collector.processors.drop import DropProcessor
from collector.processors.mesh_identity import MeshIdentityProcessor
from collector.processors.sample import SampleProcessor
from collector.processors.sanitise import SanitiseProcessor
from model.columns import WELL_KNOWN
from tests.collector.builders import START, request, span


def decoded(*spans, **options):
    return Decoder().decode(request(*spans, **options))


def sanitised(*spans, config=None, **options):
    processor = SanitiseProcessor(config, now_ns=lambda: 42)
    return processor.process(decoded(*spans, **options)).spans.to_pylist()


def mended(reason):
    return REGISTRY.get_sample_value("spanloom_mended_spans_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    ("fields", "reason", "expected"),
    [
        ({"name": ""}, "empty_span_name", {"name": "unnamed_span"}),
        ({"end_time_unix_nano": START}, "negative_duration", {"duration_ns": 0}),
        (
            {"start_time_unix_nano": 0, "end_time_unix_nano": START},
            "missing_start_time",
            {"start_ns": START, "duration_ns": 0},
        ),
        (
            {"start_time_unix_nano": 0, "end_time_unix_nano": 0},
            "missing_start_time",
            {"start_ns": 42, "duration_ns": 0},
        ),
    ],
)
def test_a_faulty_field_is_mended_and_counted_and_its_neighbours_stay(fields, reason, expected):
    before = mended(reason)
    untouched = sanitised(span(2))[0]

    faulty, neighbour = sanitised(span(1, **fields), span(2))

    assert expected == {name: faulty[name] for name in expected}
    assert untouched == neighbour
    assert before + 1 == mended(reason)


def test_a_service_without_a_name_is_called_unknown_service():
    (row,) = sanitised(span(), resource={})

    assert "unknown_service" == row["service_name"]


def test_the_mesh_identity_is_found_per_proxy():
    pods = ["reviews-v1-5b4f7c9d8-abcde", "reviews-v2-6c5d8f7b9-fghij"]
    batch = MeshIdentityProcessor().process(
        decoded(
            *(
                span(number, {"component": "proxy", "node_id": f"sidecar~10.0.0.1~{pod}.ns~domain"})
                for number, pod in enumerate(pods, 1)
            ),
            span(3),
        )
    )

    assert [*pods, ""] == [
        row["pod"] for row in sorted(batch.spans.to_pylist(), key=lambda row: row["start_ns"])
    ]


def test_many_different_values_do_not_mix_identities_up():
    spans = [
        span(
            number,
            {
                "istio.canonical_service": f"service-{number}",
                "node_id": f"n{number % 7}",
                "istio.namespace": f"ns-{number % 11}",
                "component": "proxy",
            },
        )
        for number in range(1, 400)
    ]

    batch = MeshIdentityProcessor().process(decoded(*spans))

    assert all(
        (row["service"], row["namespace"])
        == (f"service-{row['start_ns'] - START}", f"ns-{(row['start_ns'] - START) % 11}")
        for row in batch.spans.to_pylist()
    )


def kept(config, *spans, **options):
    processor = DropProcessor(config, WELL_KNOWN)
    return sorted(processor.process(decoded(*spans, **options)).spans["name"].to_pylist())


@pytest.mark.parametrize(
    "attributes",
    [
        {"http.url": "http://reviews:9080/healthz?full=1"},
        {"url.path": "/healthz"},
        {"http.url": "http://reviews:9080/ready/live"},
    ],
)
def test_a_health_check_is_dropped_by_its_path(attributes):
    config = Drop(paths=["/healthz", "/ready/*"])

    assert ["span 2"] == kept(
        config, span(1, attributes), span(2, {"http.url": "http://reviews:9080/reviews/healthz"})
    )


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("user_agent", "kube-probe/1.33", "kube-probe/1.33"),
        ("http.status_code", "404", "404"),
        ("http.status_code", 404, "404"),
        ("error", True, "true"),
        ("tenant", "noise", "noise"),
        ("tenant", 7, "7"),
    ],
)
def test_a_span_is_dropped_by_an_attribute_in_or_outside_a_column(key, value, rule):
    config = Drop(attributes={key: [rule]})

    assert ["span 2"] == kept(config, span(1, {key: value}), span(2, {key: "else"}))


def test_spans_are_dropped_by_an_attribute_of_their_resource():
    config = Drop(attributes={"service.name": ["noise"]})

    assert [] == kept(config, span(1), span(2), resource={"service.name": "noise"})


def test_a_url_that_nobody_can_parse_is_kept():
    assert ["span 1"] == kept(Drop(paths=["/x"]), span(1, {"http.url": "http://[::1/x"}))


@pytest.mark.parametrize(("last_byte", "stays"), [(0x7F, False), (0x80, True)])
def test_half_of_the_traces_are_kept_by_the_last_56_bits_of_their_id(last_byte, stays):
    trace_id = b"\xaa" * 9 + bytes([last_byte]) + bytes(6)

    batch = SampleProcessor(0.5).process(decoded(span(trace_id=trace_id)))

    assert stays == bool(len(batch))


@pytest.mark.parametrize(("ratio", "count"), [(1, 2), (0, 0)])
def test_all_or_nothing_is_kept_at_the_ends_of_the_ratio(ratio, count):
    assert count == len(SampleProcessor(ratio).process(decoded(span(1), span(2))))


def test_an_empty_batch_passes_every_processor():
    configs = [
        ProcessorConfig(sanitise=Sanitise(strict_trace_ids=False)),
        ProcessorConfig(mesh_identity=MeshIdentity(services={"a": "b"})),
        ProcessorConfig(drop=Drop(attributes={"a": ["b"]}, paths=["/x"])),
        msgspec.convert({"sample": {"ratio": 0.5}}, ProcessorConfig),
    ]

    assert 0 == len(Chain(configs, WELL_KNOWN).process(Decoder().decode(b"")))


def test_the_chain_counts_what_goes_in_and_comes_out_of_each_processor():
    def count(direction):
        name = f"otelcol_processor_{direction}_items_total"
        return REGISTRY.get_sample_value(name, {"processor": "sample"}) or 0.0

    before = count("incoming"), count("outgoing")
    chain = Chain([msgspec.convert({"sample": {"ratio": 0.0}}, ProcessorConfig)], WELL_KNOWN)

    chain.process(decoded(span(1), span(2)))

    assert (before[0] + 2, before[1]) == (count("incoming"), count("outgoing"))


@pytest.mark.parametrize("document", [{}, {"sanitise": True, "sample": {"ratio": 1}}])
def test_a_processor_that_is_not_exactly_one_thing_is_refused(document):
    with pytest.raises(msgspec.ValidationError, match="exactly one key"):
        msgspec.convert(document, ProcessorConfig)


LONG_ID = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
SHORT_ID = bytes(8) + LONG_ID[8:]


@pytest.mark.parametrize(
    ("sent", "stored", "count"),
    [
        (LONG_ID, SHORT_ID, 1),
        (SHORT_ID, SHORT_ID, 0),
        (LONG_ID[:8] + bytes(8), LONG_ID[:8] + bytes(8), 0),
    ],
    ids=["128 bits", "64 bits", "the lower half is zero"],
)
def test_without_strict_trace_ids_the_upper_half_becomes_zero(sent, stored, count):
    before = mended("long_trace_id")
    link = Span.Link(trace_id=sent, span_id=bytes(7) + b"\x01")

    (row,) = sanitised(span(trace_id=sent, links=[link]), config=Sanitise(strict_trace_ids=False))

    assert stored == row["trace_id"]
    assert stored.hex() == msgspec.json.decode(row["links"])[0]["traceId"]
    assert before + count == mended("long_trace_id")


def test_with_strict_trace_ids_they_stay_as_sent():
    (row,) = sanitised(span(trace_id=LONG_ID))

    assert LONG_ID == row["trace_id"]


def test_an_app_is_the_service_that_the_configuration_says_it_is():
    processor = MeshIdentityProcessor(MeshIdentity(services={"backend": "reviews.default"}))
    resource = {"service.name": "backend", "service.namespace": "shop"}

    (row,) = processor.process(decoded(span(), resource=resource)).spans.to_pylist()

    assert ("reviews", "default") == (row["service"], row["namespace"])
    assert "backend" == row["service_name"]


def test_a_proxy_is_who_it_says_it_is_whatever_the_configuration_says():
    processor = MeshIdentityProcessor(MeshIdentity(services={"backend": "reviews.default"}))
    proxy = span(1, {"component": "proxy", "istio.canonical_service": "web"})

    (row,) = processor.process(
        decoded(proxy, resource={"service.name": "backend"})
    ).spans.to_pylist()

    assert "web" == row["service"]
