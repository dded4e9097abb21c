"""``POST /api/v1/uploads``: a file of traces comes back assembled, and nothing is stored."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import msgspec
import pytest
import zstandard
from yarl import URL

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from api.otlp_json import traces_data
from collector.uploads import uploaded
from tests.api.conftest import ApiClient, Connect
from tests.api.contract import check_response, contract
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import CART_TRACE, sample_spans
from tests.collector.builders import request, span

PATH = "/api/v1/uploads"
SAMPLE = msgspec.json.encode(traces_data(sample_spans()))
GZIPPED = gzip.compress(SAMPLE, mtime=0)  # the same in every process, as names of tests hold it


async def posted(api: ApiClient, body: bytes, query: str = "", **headers: str) -> tuple[int, Any]:
    """Post a file, hold the answer to the contract, and return it."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    url = URL(PATH + query)
    async with api.http.post(url, data=io.BytesIO(body), headers=sent) as response:
        answer = await response.json()
        check_response(PATH, response.status, response.content_type, answer, "post")
        return response.status, answer


async def test_a_file_comes_back_in_the_form_of_a_stored_trace(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    stored = await api.json(f"/api/v1/traces/{CART_TRACE}")
    _, answer = await posted(api, SAMPLE)

    (found,) = (each for each in answer["traces"] if each["trace_id"] == CART_TRACE)
    assert found.keys() == stored.keys()
    assert stored["summary"] == found["summary"]
    assert [each["parent_index"] for each in stored["spans"]] == [
        each["parent_index"] for each in found["spans"]
    ]


async def test_traces_come_by_their_start_whatever_the_order_of_the_file(
    connect: Connect,
) -> None:
    api = await connect(uploads=uploaded)
    _, answer = await posted(api, SAMPLE)

    starts = [int(each["summary"]["start_time_unix_nano"]) for each in answer["traces"]]
    assert sorted(starts) == starts
    assert 3 == len(starts)


async def test_nothing_is_stored(connect: Connect) -> None:
    empty = ReferenceReader([])
    api = await connect(of=empty, uploads=uploaded)
    await posted(api, SAMPLE)

    assert [] == (await api.json("/api/v1/traces"))["traces"]


async def test_a_span_that_is_twice_in_a_file_is_one(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    _, once = await posted(api, SAMPLE)
    _, twice = await posted(api, SAMPLE + b"\n" + SAMPLE)

    assert [len(each["spans"]) for each in once["traces"]] == [
        len(each["spans"]) for each in twice["traces"]
    ]


async def test_who_made_a_span_is_told_as_for_stored_ones(connect: Connect) -> None:
    envoy = {"service.name": "reviews.default", "telemetry.sdk.name": "envoy"}
    api = await connect(uploads=uploaded)
    _, answer = await posted(api, request(span(1), resource=envoy))

    identity = answer["traces"][0]["spans"][0]["identity"]
    assert ("reviews", "default") == (identity["service"], identity["namespace"])


async def test_clocks_are_adjusted_only_when_asked_for(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    _, plain = await posted(api, SAMPLE)
    _, adjusted = await posted(api, SAMPLE, "?adjust_clock_skew=true")

    assert {False} == {each["clocks_adjusted"] for each in plain["traces"]}
    assert {True} == {each["clocks_adjusted"] for each in adjusted["traces"]}


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(GZIPPED, id="gzip"),
        pytest.param(zstandard.compress(SAMPLE), id="zstd"),
    ],
)
async def test_a_compressed_file_is_read(connect: Connect, packed: bytes) -> None:
    api = await connect(uploads=uploaded)
    status, answer = await posted(api, packed)

    assert (200, 3) == (status, len(answer["traces"]))


async def test_a_file_may_be_compressed_for_the_way_besides(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    packed = gzip.compress(GZIPPED)
    status, answer = await posted(api, packed, Content_Encoding="gzip")

    assert (200, 3) == (status, len(answer["traces"]))


async def test_protobuf_is_read(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    status, answer = await posted(api, request(span(1), span(2)))

    assert 200 == status
    assert 2 == sum(len(each["spans"]) for each in answer["traces"])


@pytest.mark.parametrize(
    "example",
    contract()["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["examples"],
)
async def test_the_examples_of_the_contract_are_read(connect: Connect, example: str) -> None:
    examples = contract()["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]
    body = json.dumps(examples["examples"][example]["value"]).encode()
    status, answer = await posted(await connect(uploads=uploaded), body)

    assert (200, 1) == (status, len(answer["traces"]))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"hello", b"%PDF", GZIPPED[:40], b"\x28\xb5\x2f\xfdx"]
)
async def test_what_holds_no_traces_is_400_and_says_what_is_known(
    connect: Connect, body: bytes
) -> None:
    status, answer = await posted(await connect(uploads=uploaded), body)

    assert (400, "bad_request") == (status, answer["error"]["code"])
    assert answer["error"]["message"]


@pytest.mark.parametrize("packed", [SAMPLE, GZIPPED, zstandard.compress(SAMPLE)])
async def test_a_file_beyond_the_limit_is_413(connect: Connect, packed: bytes) -> None:
    config = ApiConfig(jaeger=JaegerConfig(max_upload_bytes=len(SAMPLE) - 1))
    status, answer = await posted(await connect(config, uploads=uploaded), packed)

    assert (413, "request_entity_too_large") == (status, answer["error"]["code"])


async def test_an_encoding_that_is_not_known_is_415(connect: Connect) -> None:
    api = await connect(uploads=uploaded)
    status, answer = await posted(api, SAMPLE, Content_Encoding="br")

    assert (415, "unsupported_media_type") == (status, answer["error"]["code"])


async def test_other_methods_are_405(connect: Connect) -> None:
    api = await connect()
    response = await api.http.get(PATH)

    assert (405, "POST") == (response.status, response.headers["Allow"])
