"""GET /traces/compare."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from model.span import Span
from model.trace_comparison import Change
from tests.api.conftest import ApiClient, Connect
from tests.api.contract import contract
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_TRACE, MS
from tests.model.propagation.mesh import T0, inbound, outbound

PATH = "/api/v1/traces/compare"


def request(trace: int, *, ms: float = 50, calls: int = 1, at: float = 0) -> list[Span]:
    spans = [inbound("front", trace, 1, at=at, ms=100)]
    spans += [
        outbound("front", "back", trace, 2 + number, 1, at=at + 1 + number, ms=ms)
        for number in range(calls)
    ]
    return spans


def ids(*numbers: int) -> list[str]:
    return [f"{number:032x}" for number in numbers]


async def test_two_traces_are_laid_over_each_other(connect: Connect) -> None:
    api = await connect(of=ReferenceReader([*request(1), *request(2, ms=80, calls=2)]))

    found = await api.json(PATH, ("a", "1"), ("b", "2"))

    assert (ids(1), ids(2), "0") == (
        found["a"]["trace_ids"],
        found["b"]["trace_ids"],
        found["difference_nano"],
    )
    assert ([2], [], [1], []) == (
        found["new"],
        found["missing"],
        found["slower"],
        found["faster"],
    )
    assert ["same", "slower", "new"] == [span["change"] for span in found["spans"]]
    assert (str(30 * MS), "50ms", "80ms") == (
        found["spans"][1]["difference_nano"],
        found["spans"][1]["a"]["duration"],
        found["spans"][1]["b"]["duration"],
    )


async def test_sets_are_named_by_repeated_ids(connect: Connect) -> None:
    spans = [span for number in range(1, 6) for span in request(number, ms=number * 10)]
    api = await connect(of=ReferenceReader(spans))

    found = await api.json(PATH, *[("a", one) for one in ids(1, 2, 3)], ("b", "4"), ("b", "5"))

    assert ("20ms", "40ms", 3) == (
        found["spans"][1]["a"]["duration"],
        found["spans"][1]["b"]["duration"],
        found["spans"][1]["a"]["traces"],
    )


async def test_sets_are_found_by_searches(connect: Connect) -> None:
    spans = [span for number in range(1, 9) for span in request(number, at=number * 1000)]
    api = await connect(of=ReferenceReader(spans))

    def search(from_s: int, to_s: int) -> str:
        window = {"from": T0 + from_s * 1000 * MS, "to": T0 + to_s * 1000 * MS}
        return urlencode({"service": "front", **window})

    found = await api.json(PATH, ("a", search(0, 4)), ("b", search(4, 60)), ("traces", "4"))

    assert (sorted(ids(1, 2, 3)), True) == (
        sorted(found["a"]["trace_ids"]),
        found["a"]["is_complete"],
    )
    assert (4, False) == (len(found["b"]["trace_ids"]), found["b"]["is_complete"])


async def test_a_status_that_changed_is_told(connect: Connect) -> None:
    healthy, failed = request(1), request(2)
    failed[1] = replace(failed[1], attributes={**failed[1].attributes, "http.status_code": "503"})
    api = await connect(of=ReferenceReader([*healthy, *failed]))

    found = await api.json(PATH, ("a", "1"), ("b", "2"))

    assert [1] == found["status_changed"]
    assert ("200", "503") == (
        found["spans"][1]["a"]["outcome"]["code"],
        found["spans"][1]["b"]["outcome"]["code"],
    )


async def test_a_trace_that_is_not_stored_is_a_404_that_names_its_side(api: ApiClient) -> None:
    status, error = await api.error(PATH, ("a", CART_TRACE), ("b", "beef"))

    assert (404, "trace_not_found") == (status, error["code"])
    assert "which b names" in error["message"]


async def test_a_search_that_finds_nothing_is_a_404(api: ApiClient) -> None:
    status, error = await api.error(PATH, ("a", CART_TRACE), ("b", "service=nobody"))

    assert (404, "trace_not_found") == (status, error["code"])


async def test_other_traces_are_still_found_by_their_id(api: ApiClient) -> None:
    assert BROKEN_TRACE == (await api.json(f"/api/v1/traces/{BROKEN_TRACE}"))["trace_id"]


@pytest.mark.parametrize(
    ("pairs", "parameter"),
    [
        ([("a", "1")], "b"),
        ([("b", "1")], "a"),
        ([("a", "1"), ("b", "xyz")], "b"),
        ([("a", "1"), ("b", "servce=x")], "b"),
        ([("a", "1"), ("b", "last=soon")], "b"),
        ([("a", "1"), ("b", "service=x"), ("b", "2")], "b"),
        ([("a", "1"), ("b", "2"), ("traces", "501")], "traces"),
        ([("a", "1")] * 101 + [("b", "2")], "a"),
    ],
)
async def test_what_is_not_understood_is_refused(
    api: ApiClient, pairs: list[tuple[str, str]], parameter: str
) -> None:
    status, error = await api.error(PATH, *pairs)

    assert (400, parameter) == (status, error["parameter"])


def test_the_changes_of_the_contract_are_those_of_the_model() -> None:
    spans = contract()["components"]["schemas"]["TraceComparison"]["properties"]["spans"]

    assert [change.value for change in Change] == spans["items"]["properties"]["change"]["enum"]
