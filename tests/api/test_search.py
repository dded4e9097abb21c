"""GET /traces and GET /search/histogram."""

from typing import Any

import pytest

from tests.api.conftest import ApiClient
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_REQUEST, CART_TRACE, NOON_NS, ODD_TRACE, SECOND

TRACES = "/api/v1/traces"
HISTOGRAM = "/api/v1/search/histogram"


def ids(found: dict[str, Any]) -> list[str]:
    return [trace["trace_id"] for trace in found["traces"]]


async def test_a_search_without_conditions_finds_the_last_hour_newest_first(
    api: ApiClient,
) -> None:
    found = await api.json(TRACES)

    assert [CART_TRACE, BROKEN_TRACE, ODD_TRACE] == ids(found)
    assert found["next_cursor"] is None


async def test_a_summary_tells_all_of_the_trace_in_one_line(api: ApiClient) -> None:
    found = await api.json(TRACES, ("operation", "charge"))

    assert {
        "trace_id": BROKEN_TRACE,
        "start_time": "2026-11-20T11:59:00.000000000Z",
        "start_time_unix_nano": "1795175940000000000",
        "duration": "20ms",
        "duration_nano": "20000000",
        "root_service": "pay.bank",
        "root_operation": "charge",
        "root_missing": True,
        "span_count": 2,
        "error_count": 0,
        "missing_span_count": 1,
        "services": [{"name": "pay.bank", "span_count": 2, "error_count": 0}],
    } == found["traces"][0]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("service", "cart")], [CART_TRACE]),
        ([("service", "pay.bank.svc.cluster.local")], [BROKEN_TRACE, ODD_TRACE]),
        ([("namespace", "bank"), ("kind", "client")], [BROKEN_TRACE]),
        ([("cluster", "west"), ("last", "90s")], []),
        ([("error", "true")], [CART_TRACE]),
        ([("min_duration", "1.5s")], [CART_TRACE]),
        ([("min_trace_duration", "2ms"), ("max_trace_duration", "1s")], [BROKEN_TRACE]),
        ([("request_id", CART_REQUEST)], [CART_TRACE, BROKEN_TRACE]),
        ([("attribute", "http.status_code>=500")], [CART_TRACE]),
        ([("attribute", "user.id=7")], [BROKEN_TRACE]),
        ([("attribute", "user.id")], [BROKEN_TRACE, ODD_TRACE]),
        ([("attribute", '"quote=d key"=x')], [ODD_TRACE]),
        ([("attribute", "event:attempt")], [ODD_TRACE]),
        ([("attribute", "any:event:id=e")], [ODD_TRACE]),
        ([("attribute", "resource:k8s.pod.name~cart")], [CART_TRACE]),
        (
            [("attribute", "http.status_code=200"), ("attribute", "!node_id")],
            [BROKEN_TRACE],
        ),
    ],
)
async def test_conditions_reach_the_store_as_meant(
    api: ApiClient, pairs: list[tuple[str, str]], expected: list[str]
) -> None:
    assert expected == ids(await api.json(TRACES, *pairs))


async def test_walking_all_pages_yields_each_trace_once(api: ApiClient) -> None:
    walked: list[str] = []
    pairs = [("limit", "1")]
    while True:
        page = await api.json(TRACES, *pairs)
        walked += ids(page)
        if page["next_cursor"] is None:
            break
        pairs = [("limit", "1"), ("cursor", page["next_cursor"])]

    assert [CART_TRACE, BROKEN_TRACE, ODD_TRACE] == walked


async def test_the_pages_of_a_relative_window_do_not_slide(
    api: ApiClient, reader: ReferenceReader
) -> None:
    first = await api.json(TRACES, ("last", "10m"), ("limit", "1"))
    await api.json(TRACES, ("last", "10m"), ("limit", "2"), ("cursor", first["next_cursor"]))

    windows = {(query.from_ns, query.to_ns) for query in reader.queries}
    assert len(windows) == 1


async def test_a_cursor_of_another_search_is_refused(api: ApiClient) -> None:
    first = await api.json(TRACES, ("limit", "1"))

    status, error = await api.error(TRACES, ("service", "cart"), ("cursor", first["next_cursor"]))

    assert (400, "cursor") == (status, error["parameter"])
    assert "belongs to a search with other parameters" in error["message"]


async def test_several_traces_are_looked_up_by_id(api: ApiClient) -> None:
    asked = [ODD_TRACE.upper(), "c47", "beef", "0c47"]

    found = await api.json(TRACES, *[("trace_id", trace_id) for trace_id in asked])

    assert [CART_TRACE, ODD_TRACE] == ids(found)
    assert ["beef".zfill(32)] == found["missing_trace_ids"]


async def test_a_histogram_counts_matching_spans_per_bucket(api: ApiClient) -> None:
    found = await api.json(
        HISTOGRAM,
        ("from", "2026-11-20T11:58:30Z"),
        ("to", "2026-11-20T12:00:30Z"),
        ("width", "1m"),
        ("namespace", "shop"),
    )

    assert ("1m", "60000000000") == (found["width"], found["width_nano"])
    assert [
        ("2026-11-20T11:58:00.000000000Z", 0, 0),
        ("2026-11-20T11:59:00.000000000Z", 0, 0),
        ("2026-11-20T12:00:00.000000000Z", 3, 1),
    ] == [
        (each["start_time"], each["span_count"], each["error_count"]) for each in found["buckets"]
    ]


@pytest.mark.parametrize(
    ("window_s", "buckets", "width", "count"),
    [
        (3600, "60", "1m", 60),
        (3600, "61", "1m", 60),
        (3600, "59", "1m", 60),
        (3600, "58", "2m", 30),
        (86_400, "24", "1h", 24),
        (86_400, "1", "12h", 2),
        (1, "1000", "1ms", 1000),
    ],
)
async def test_a_histogram_of_about_n_buckets_takes_the_next_round_width(
    api: ApiClient, window_s: int, buckets: str, width: str, count: int
) -> None:
    start_ns = NOON_NS - 12 * 3600 * SECOND

    found = await api.json(
        HISTOGRAM,
        ("from", str(start_ns)),
        ("to", str(start_ns + window_s * SECOND)),
        ("buckets", buckets),
    )

    assert (width, count) == (found["width"], len(found["buckets"]))


async def test_a_histogram_over_all_of_time_is_possible(api: ApiClient) -> None:
    found = await api.json(HISTOGRAM, ("from", "0"), ("to", str(2**63 - 1)), ("buckets", "1"))

    assert 6 == sum(each["span_count"] for each in found["buckets"])
