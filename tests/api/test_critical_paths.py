"""GET /critical-path."""

from dataclasses import replace

import pytest

from api import ApiConfig
from model.hops import Hop
from model.span import Span
from tests.api.conftest import ApiClient, Connect
from tests.api.contract import contract
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import MS, NOON_NS, SECOND
from tests.model.propagation.mesh import T0, inbound, outbound

PATH = "/api/v1/critical-path"


def requests(count: int, *, at: float = 0, ms: float = 100, version: str = "v1") -> list[Span]:
    """Requests to ``front`` a second apart, of which ``back`` takes ``ms``."""
    spans: list[Span] = []
    for number in range(count):
        trace, start = int(at) * 1000 + number + 1, at + number * 1000
        trace += 10**6 if version == "v2" else 0
        spans += [
            inbound("front", trace, 1, at=start, ms=ms + 20),
            outbound("front", "back", trace, 2, 1, at=start + 10, ms=ms),
            inbound("back", trace, 3, 2, at=start + 10, ms=ms),
        ]
        spans[-1].attributes["istio.canonical_revision"] = version
        spans[-1] = replace(spans[-1], identity=replace(spans[-1].identity, version=version))
    return spans


def window(from_ms: float, to_ms: float) -> tuple[tuple[str, str], ...]:
    return (("from", str(T0 + round(from_ms * MS))), ("to", str(T0 + round(to_ms * MS))))


async def test_every_hop_has_its_share_of_the_typical_and_of_the_slowest_traces(
    connect: Connect,
) -> None:
    slow = requests(1, at=30_000, ms=880)
    api = await connect(of=ReferenceReader([*requests(20), *slow]))

    answer = await api.json(PATH, *window(0, 60_000), ("service", "front"))
    after = answer["after"]

    assert (21, 2, 1, True) == (
        after["all"]["traces"],
        after["typical"]["traces"],
        after["slowest"]["traces"],
        after["is_complete"],
    )
    assert [
        ("back.default", "server sidecar", "server"),
        ("front.default", "server sidecar", "server"),
    ] == [(hop["service"], hop["hop"], hop["kind"]) for hop in after["hops"]]
    back = after["hops"][0]
    assert ("100ms", "880ms", 1) == (
        back["typical"]["mean"],
        back["slowest"]["mean"],
        back["slowest"]["traces"],
    )
    assert pytest.approx(100 / 120) == back["typical"]["share"]
    assert (None, []) == (answer["before"], answer["differences"])


async def test_the_window_before_is_compared_and_what_got_slower_comes_first(
    connect: Connect,
) -> None:
    api = await connect(of=ReferenceReader([*requests(5), *requests(5, at=10_000, ms=300)]))

    answer = await api.json(PATH, *window(10_000, 20_000), ("compare", "previous"))

    first = answer["differences"][0]
    assert ("back.default", str(200 * MS)) == (first["service"], first["slowest_nano"])
    assert answer["after"]["from_time"] == answer["before"]["to_time"]


async def test_any_other_window_is_compared_too(connect: Connect) -> None:
    api = await connect(of=ReferenceReader(requests(5)))

    answer = await api.json(PATH, *window(0, 10_000), ("compare", f"{T0 - SECOND}/{T0}"))

    assert 0 == answer["before"]["all"]["traces"]


async def test_two_versions_are_compared(connect: Connect) -> None:
    spans = [*requests(5), *requests(5, ms=300, version="v2")]
    api = await connect(of=ReferenceReader(spans))

    answer = await api.json(
        PATH, *window(0, 10_000), ("service", "back"), ("compare_versions", "v1,v2")
    )

    assert ("v2", 5, "v1", 5) == (
        answer["after"]["version"],
        answer["after"]["all"]["traces"],
        answer["before"]["version"],
        answer["before"]["all"]["traces"],
    )
    assert str(200 * MS) == answer["differences"][0]["typical_nano"]


async def test_a_sample_is_from_all_over_the_window_and_says_so(connect: Connect) -> None:
    api = await connect(of=ReferenceReader(requests(100)))

    answer = await api.json(PATH, *window(0, 100_000), ("traces", "20"))

    assert (20, False) == (answer["after"]["all"]["traces"], answer["after"]["is_complete"])


async def test_no_more_spans_than_allowed_are_assembled(connect: Connect) -> None:
    api = await connect(ApiConfig(max_analysed_spans=10), of=ReferenceReader(requests(5)))

    after = (await api.json(PATH, *window(0, 10_000)))["after"]

    assert (3, 2, False) == (
        after["all"]["traces"],
        after["too_large_traces"],
        after["is_complete"],
    )


async def test_conditions_are_those_of_the_search(api: ApiClient) -> None:
    found = await api.json(PATH, ("to", str(NOON_NS + SECOND)), ("error", "true"))

    assert 1 == found["after"]["all"]["traces"]


@pytest.mark.parametrize(
    ("pairs", "parameter"),
    [
        ([("compare", "yesterday")], "compare"),
        ([("compare_versions", "v1,v2")], "compare_versions"),
        ([("compare_versions", "v1"), ("service", "a")], "compare_versions"),
        (
            [("compare", "previous"), ("compare_versions", "v1,v2"), ("service", "a")],
            "compare_versions",
        ),
        ([("traces", "0")], "traces"),
        ([("limit", "3")], "limit"),
    ],
)
async def test_what_is_not_understood_is_refused(
    api: ApiClient, pairs: list[tuple[str, str]], parameter: str
) -> None:
    status, error = await api.error(PATH, *pairs)

    assert (400, parameter) == (status, error["parameter"])


def test_the_hops_of_the_contract_are_those_of_the_model() -> None:
    assert [*(hop.value for hop in Hop), "app", "missing"] == contract()["components"]["schemas"][
        "CriticalHop"
    ]["enum"]
