"""GET /traces/{trace_id} and GET /requests/{x_request_id}."""

from dataclasses import replace

import pytest

from api import ApiConfig
from model.attributes import attributes_from_json
from model.span import Span
from tests.api.conftest import ApiClient, Connect
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_REQUEST, CART_TRACE, ODD_TRACE


@pytest.mark.parametrize("trace_id", ["c47", "C47", "0000000000000c47", CART_TRACE])
async def test_a_trace_is_found_by_every_form_of_its_id(api: ApiClient, trace_id: str) -> None:
    trace = await api.json(f"/api/v1/traces/{trace_id}")

    assert CART_TRACE == trace["trace_id"]


async def test_spans_come_in_tree_order_with_depth_and_parent(api: ApiClient) -> None:
    trace = await api.json(f"/api/v1/traces/{CART_TRACE}")

    assert [("GET /", 0, None), ("cart.shop.svc.cluster.local:80/*", 1, 0)] == [
        (span["name"], span["depth"], span["parent_index"]) for span in trace["spans"][:2]
    ]
    assert [0] == trace["roots"]


async def test_a_span_says_where_its_time_went(api: ApiClient) -> None:
    trace = await api.json(f"/api/v1/traces/{CART_TRACE}")
    root = trace["spans"][0]

    assert ("1.5s", "300ms", "300000000") == (
        root["duration"],
        root["self_time"],
        root["self_time_nano"],
    )
    assert all(span["on_critical_path"] for span in trace["spans"])
    assert 1_500_000_000 == sum(int(part["duration_nano"]) for part in trace["critical_path"])


async def test_a_proxy_span_tells_its_hop_its_peers_and_its_flags_in_words(
    api: ApiClient,
) -> None:
    trace = await api.json(f"/api/v1/traces/{CART_TRACE}")
    client = trace["spans"][1]

    assert "client sidecar" == client["proxy"]["hop"]
    assert "cart-v2" == client["proxy"]["upstream"]["identity"]["workload"]
    assert ["no healthy upstream host", "all retries used up"] == [
        flag["meaning"] for flag in client["response_flags"]
    ]


async def test_a_parent_that_is_not_stored_is_a_placeholder_with_a_warning(
    api: ApiClient,
) -> None:
    trace = await api.json(f"/api/v1/traces/{BROKEN_TRACE}")
    placeholder = trace["spans"][0]

    assert (True, "000000000000001f", None) == (
        placeholder["missing"],
        placeholder["span_id"],
        placeholder["resource"],
    )
    assert ["missing_parent", "no_root"] == [each["code"] for each in trace["warnings"]]


async def test_attributes_are_plain_json_and_the_others_name_their_type(api: ApiClient) -> None:
    trace = await api.json(f"/api/v1/traces/{ODD_TRACE}")
    (span,) = trace["spans"]

    assert {
        "big": "1152921504606846976",
        "small": 3,
        "ratio": 0.25,
        "nan": "NaN",
        "raw": "AP8=",
        "list": ["a", 1, True],
        "map": {"a": None},
        "empty": None,
        "user.id": "8",
    }.items() <= span["attributes"].items()
    assert {"big": "int", "nan": "double", "raw": "bytes", "deep": "otlp"} == span[
        "attribute_types"
    ]
    assert {"kvlistValue", "arrayValue"} >= span["attributes"]["deep"].keys()


async def test_everything_else_of_a_span_is_there(api: ApiClient) -> None:
    trace = await api.json(f"/api/v1/traces/{ODD_TRACE}")
    (span,) = trace["spans"]

    assert ("vendor=1", 0x101, 4, 5, 6) == (
        span["trace_state"],
        span["flags"],
        span["dropped_attributes_count"],
        span["dropped_events_count"],
        span["dropped_links_count"],
    )
    assert ("retry", {"attempt": str(2**61)}) == (
        span["events"][0]["name"],
        span["events"][0]["attributes"],
    )
    assert [0, None] == [link["span_index"] for link in span["links"]]
    assert "pay.bank" == trace["resources"][span["resource"]]["attributes"]["service.name"]
    assert "envoy" == trace["scopes"][span["scope"]]["name"]


async def test_clock_skew_is_adjusted_on_demand_and_said(
    connect: Connect, reader: ReferenceReader
) -> None:
    early = [
        _moved(span, -10_000_000_000) if span.service_name == "cart.shop" else span
        for span in reader.spans
    ]
    api = await connect(of=ReferenceReader(early))
    path = f"/api/v1/traces/{CART_TRACE}"

    as_sent = await api.json(path)
    adjusted = await api.json(path, ("adjust_clock_skew", "true"))

    correction = int(adjusted["spans"][2]["clock_correction_nano"])
    assert (False, True) == (as_sent["clocks_adjusted"], adjusted["clocks_adjusted"])
    assert "0" == as_sent["spans"][2]["clock_correction_nano"]
    assert correction == int(adjusted["spans"][2]["start_time_unix_nano"]) - int(
        as_sent["spans"][2]["start_time_unix_nano"]
    )
    assert ["clock_skew"] == [each["code"] for each in as_sent["spans"][2]["warnings"]]


def _moved(span: Span, by_ns: int) -> Span:

    return replace(span, start_ns=span.start_ns + by_ns)


async def test_a_trace_that_is_not_stored_is_a_404_in_the_error_shape(api: ApiClient) -> None:
    status, error = await api.error("/api/v1/traces/beef")

    assert (404, "trace_not_found") == (status, error["code"])
    assert "0000beef" in error["message"]


async def test_otlp_gives_back_what_was_sent_grouped_by_resource_and_scope(
    api: ApiClient, reader: ReferenceReader
) -> None:
    data = await api.json(f"/api/v1/traces/{ODD_TRACE}", ("format", "otlp"))
    (resource_spans,) = data["resourceSpans"]
    (scope_spans,) = resource_spans["scopeSpans"]
    (sent,) = [span for span in reader.spans if span.trace_id == ODD_TRACE]

    assert sent.resource.attributes == attributes_from_json(
        resource_spans["resource"]["attributes"]
    )
    assert "https://example.com/1" == resource_spans["schemaUrl"]
    assert {"name": "envoy", "version": "1.40.0"}.items() <= scope_spans["scope"].items()
    assert repr(sent.attributes) == repr(
        attributes_from_json(scope_spans["spans"][0]["attributes"])
    )


async def test_a_request_comes_with_all_its_traces_assembled(api: ApiClient) -> None:
    found = await api.json(f"/api/v1/requests/{CART_REQUEST}")

    assert [CART_TRACE, BROKEN_TRACE] == [trace["trace_id"] for trace in found["traces"]]
    assert ([], False) == (found["not_assembled"], found["truncated"])


async def test_the_digit_that_proxies_rewrite_makes_no_other_request(api: ApiClient) -> None:
    rewritten = CART_REQUEST[:14] + "a" + CART_REQUEST[15:]

    found = await api.json(f"/api/v1/requests/{rewritten}")

    assert 2 == len(found["traces"])


async def test_a_request_with_too_many_spans_sums_up_the_rest(connect: Connect) -> None:
    api = await connect(ApiConfig(max_request_spans=3))

    found = await api.json(f"/api/v1/requests/{CART_REQUEST}")

    assert [CART_TRACE] == [trace["trace_id"] for trace in found["traces"]]
    assert [BROKEN_TRACE] == [summary["trace_id"] for summary in found["not_assembled"]]


async def test_a_request_with_very_many_traces_says_that_there_are_more(
    connect: Connect, reader: ReferenceReader
) -> None:

    (one,) = [span for span in reader.spans if span.name == "charge"]
    many = [replace(one, trace_id=f"{number:032x}") for number in range(1, 22)]
    api = await connect(of=ReferenceReader(many))

    found = await api.json(f"/api/v1/requests/{CART_REQUEST}")

    assert (20, True) == (len(found["traces"]), found["truncated"])


async def test_a_request_that_is_not_stored_is_a_404(api: ApiClient) -> None:
    status, error = await api.error("/api/v1/requests/none")

    assert (404, "request_not_found") == (status, error["code"])
