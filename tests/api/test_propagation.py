"""GET /propagation."""

from typing import Any

import pytest

from api import ApiConfig
from model.propagation.findings import Confidence, Severity, Sign
from model.propagation.stitch import LinkSign
from model.span import Span
from tests.api.conftest import ApiClient, Connect
from tests.api.contract import contract
from tests.graph.memory import MemoryGraph
from tests.model.propagation.mesh import MS, T0, inbound, outbound

PATH = "/api/v1/propagation"
WINDOW = (("from", str(T0 - 60_000 * MS)), ("to", str(T0 + 60_000 * MS)))


def lost(times: int) -> list[Span]:
    """``front`` forwards nothing, once a second."""
    spans: list[Span] = []
    for number in range(times):
        at, trace = number * 1000, 10 * number + 1
        spans += [
            inbound("front", trace, 1, at=at, ms=20, id=trace),
            outbound("front", "back", trace + 1, 2, at=at + 5, id=trace + 1),
            inbound("back", trace + 1, 3, 2, at=at + 6, ms=2, id=trace + 1, caller="front"),
        ]
    return spans


@pytest.fixture
async def api(connect: Connect) -> ApiClient:
    return await connect(graph=MemoryGraph(lost(8)))


async def test_a_finding_says_who_how_sure_what_to_copy_and_shows_it(api: ApiClient) -> None:
    answer = await api.json(PATH, *WINDOW)
    (finding,) = answer["findings"]

    assert ("B1", "front-v1", "error", "high", 8, 8, 1.0) == (
        finding["sign"],
        finding["subject"]["workload"],
        finding["severity"],
        finding["confidence"],
        finding["affected"],
        finding["total"],
        finding["ratio"],
    )
    assert ["traceparent", "tracestate", "x-request-id"] == finding["headers"]
    assert finding["advice"].startswith("In front-v1.default, copy the headers")
    assert (f"{2:032x}", f"{1:032x}") == (
        finding["evidence"][0]["trace_id"],
        finding["evidence"][0]["other_trace_id"],
    )


async def test_the_answer_has_every_workloads_figures_and_what_was_examined(
    api: ApiClient,
) -> None:
    answer = await api.json(PATH, *WINDOW)

    assert (16, 24, False) == (answer["trace_count"], answer["span_count"], answer["truncated"])
    assert answer["from_time"] == answer["examined_from_time"]
    assert [("back", 8, 0, 0), ("front", 8, 8, 8)] == [
        (
            each["workload"]["service"],
            each["inbound_requests"],
            each["outbound_calls"],
            each["began_while_serving"],
        )
        for each in answer["workloads"]
    ]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("service", "front")], 1),
        ([("service", "front.default")], 1),
        ([("service", "back")], 0),
        ([("namespace", "default")], 1),
        ([("namespace", "other")], 0),
        ([("cluster", "Kubernetes"), ("sign", "B1"), ("sign", "B2")], 1),
        ([("sign", "B2")], 0),
        ([("confidence", "high")], 1),
        ([("confidence", "certain")], 0),
    ],
)
async def test_findings_are_filtered(
    api: ApiClient, pairs: list[tuple[str, str]], found: int
) -> None:
    answer = await api.json(PATH, *WINDOW, *pairs)

    assert found == len(answer["findings"])


async def test_more_spans_than_the_limit_are_cut_to_the_newest_and_said(
    connect: Connect,
) -> None:
    api = await connect(ApiConfig(max_propagation_spans=300), graph=MemoryGraph(lost(300)))
    window = (("from", str(T0)), ("to", str(T0 + 300_000 * MS)))

    answer = await api.json(PATH, *window)

    assert answer["truncated"]
    assert answer["to_time"] == answer["examined_to_time"]
    assert answer["from_time"] < answer["examined_from_time"]
    assert 0 < answer["span_count"] <= 300
    assert ["B1"] == [each["sign"] for each in answer["findings"]]


async def test_a_step_that_alone_is_too_much_is_cut_at_its_end(connect: Connect) -> None:
    api = await connect(ApiConfig(max_propagation_spans=1), graph=MemoryGraph(lost(3)))

    answer = await api.json(PATH, ("from", str(T0 - MS)), ("to", str(T0 + 9_000 * MS)))

    assert answer["truncated"]
    assert answer["examined_to_time"] < answer["to_time"]


async def test_missing_spans_are_judged_once_they_are_late(connect: Connect) -> None:
    noon_ns = 1_795_176_060_000_000_000  # the API's now
    spans = [
        inbound("front", 1, 1, 0xDEAD, at=(noon_ns - T0) / MS - 10_000),
        inbound("other", 2, 1, 0xDEAD, at=(noon_ns - T0) / MS - 20_000),
    ]
    api = await connect(graph=MemoryGraph(spans))

    answer = await api.json(PATH, ("last", "1m"))

    assert [("B3", "other")] == [
        (each["sign"], each["subject"]["service"]) for each in answer["findings"]
    ]


async def test_nothing_stored_is_an_empty_answer(connect: Connect) -> None:
    api = await connect(graph=MemoryGraph([]))

    answer = await api.json(PATH, ("last", "30d"))

    assert ([], [], 0, False) == (
        answer["findings"],
        answer["workloads"],
        answer["span_count"],
        answer["truncated"],
    )


@pytest.mark.parametrize(
    ("pairs", "parameter"),
    [
        ([("sign", "B8")], "sign"),
        ([("confidence", "sure")], "confidence"),
        ([("from", "0"), ("last", "5m")], "last"),
        ([("operation", "x")], "operation"),
    ],
)
async def test_what_is_not_understood_is_refused(
    api: ApiClient, pairs: list[tuple[str, str]], parameter: str
) -> None:
    status, error = await api.error(PATH, *pairs)

    assert (400, parameter) == (status, error["parameter"])


def test_the_words_of_the_contract_are_those_of_the_model() -> None:
    schemas: dict[str, Any] = contract()["components"]["schemas"]
    link = schemas["Stitched"]["properties"]["inferred_links"]["items"]["properties"]

    assert [sign.value for sign in Sign] == schemas["Sign"]["enum"]
    assert [each.name.lower() for each in Confidence] == schemas["Confidence"]["enum"]
    assert [each.name.lower() for each in Severity] == schemas["Severity"]["enum"]
    assert [sign.value for sign in LinkSign] == link["sign"]["enum"]
