"""Service performance metrics: what Jaeger UI's page Monitor draws."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from model.graph.edge import OperationKey
from storage.interface import QueryTimeout, StoreUnavailable
from tests.api.conftest import ApiClient, Connect
from tests.api.graph_reader import TableGraph
from tests.api.jaeger.minutes import (
    GET,
    LIST,
    MINUTE,
    NOON_MS,
    OPERATIONS,
    family,
    minute,
    minutes,
    only,
    operation,
    values,
)
from tests.api.sample import NOON_NS, SECOND
from tests.graph.tables import SpanGroup


@pytest.fixture
def graph() -> TableGraph:
    return TableGraph(operations_at=OPERATIONS)


@pytest.fixture
async def api(connect: Connect, graph: TableGraph) -> ApiClient:
    return await connect(graph=graph)


async def test_calls_have_the_shape_of_open_metrics(api: ApiClient) -> None:
    assert {
        "name": "service_call_rate",
        "type": "GAUGE",
        "help": "calls/sec, grouped by service",
        "metrics": [
            {
                "labels": [{"name": "service_name", "value": "details.default"}],
                "metricPoints": [
                    {"gaugeValue": {"doubleValue": 2.0}, "timestamp": "2026-11-20T11:59:00Z"},
                    {"gaugeValue": {"doubleValue": 1.5}, "timestamp": "2026-11-20T12:00:00Z"},
                ],
            }
        ],
    } == await family(api, "calls", "service=details.default" + minutes(1))


async def test_a_series_of_an_operation_is_labelled_with_it_first(api: ApiClient) -> None:
    answer = await family(api, "calls", "service=details&groupByOperation=true" + minutes(0))

    assert [
        [{"name": "operation", "value": name}, {"name": "service_name", "value": "details"}]
        for name in (GET, LIST)
    ] == [metric["labels"] for metric in answer["metrics"]]
    assert [[1.0], [0.5]] == [values(metric) for metric in answer["metrics"]]


@pytest.mark.parametrize(
    ("name", "query", "expected", "text"),
    [
        ("calls", "", "service_call_rate", "calls/sec, grouped by service"),
        (
            "calls",
            "&groupByOperation=1",
            "service_operation_call_rate",
            "calls/sec, grouped by service & operation",
        ),
        (
            "errors",
            "&groupByOperation=false",
            "service_error_rate",
            "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service",
        ),
        (
            "errors",
            "&groupByOperation=T",
            "service_operation_error_rate",
            (
                "error rate, computed as a fraction of errors/sec over calls/sec, "
                "grouped by service & operation"
            ),
        ),
        (
            "latencies",
            "&quantile=.5",
            "service_latencies",
            "0.50th quantile latency, grouped by service",
        ),
        (
            "latencies",
            "&quantile=0.95&groupByOperation=true",
            "service_operation_latencies",
            "0.95th quantile latency, grouped by service & operation",
        ),
    ],
)
async def test_families_are_named_and_explained_as_by_jaeger(
    api: ApiClient, name: str, query: str, expected: str, text: str
) -> None:
    answer = await family(api, name, "service=nobody" + query)
    assert {"name": expected, "type": "GAUGE", "help": text, "metrics": []} == answer


@pytest.mark.parametrize("prefix", ["", "/jaeger"])
@pytest.mark.parametrize("name", ["calls", "errors", "latencies"])
async def test_metrics_are_a_list_even_if_there_are_none(
    connect: Connect, prefix: str, name: str
) -> None:
    api = await connect()
    response = await api.http.get(f"{prefix}/api/metrics/{name}?service=a&quantile=0.5")
    assert [] == (await response.json())["metrics"]


@pytest.mark.parametrize(
    ("lookback", "window", "expected"),
    [
        (0, 1, [1.5]),
        (4, 1, [0.0, 0.5, 0.0, 2.0, 1.5]),
        (4, 2, [0.0, 0.25, 0.25, 1.0, 1.75]),
        (1, 10, [0.25, 0.4]),
    ],
)
async def test_rates_are_over_the_window_before_each_point(
    api: ApiClient, lookback: int, window: int, expected: list[float]
) -> None:
    query = "service=details" + minutes(lookback, window=window)
    assert expected == await only(api, "calls", query)


async def test_errors_are_a_share_of_calls_and_not_a_number_without_any(api: ApiClient) -> None:
    assert ["NaN", 0.0, "NaN", 0.0, 15 / 90] == await only(
        api, "errors", "service=details" + minutes(4)
    )


@pytest.mark.parametrize(
    ("quantile", "window", "expected"),
    [
        ("0.5", 1, ["NaN", 40, "NaN", 10, 20]),
        ("0.95", 1, ["NaN", 40, "NaN", 10, 100]),
        ("1", 2, ["NaN", 40, 40, 10, 100]),
        ("0.5", 2, ["NaN", 40, 40, 10, 10]),
    ],
)
async def test_latencies_are_quantiles_in_milliseconds(
    api: ApiClient, quantile: str, window: int, expected: list[float | str]
) -> None:
    query = f"service=details&quantile={quantile}" + minutes(4, window=window)
    found = await only(api, "latencies", query)
    assert expected == [
        pytest.approx(value, rel=0.05) if isinstance(value, float) else value for value in found
    ]


async def test_steps_of_less_than_a_minute_repeat_values(api: ApiClient) -> None:
    query = f"service=details&endTs={NOON_MS}&lookback=60000&step=20000&ratePer=60000"

    (metric,) = (await family(api, "calls", query))["metrics"]

    assert [2.0, 2.0, 2.0, 1.5] == values(metric)
    assert [f"2026-11-20T{time}Z" for time in ("11:59:00", "11:59:20", "11:59:40", "12:00:00")] == [
        point["timestamp"] for point in metric["metricPoints"]
    ]


async def test_a_point_within_a_minute_shows_what_was_over_by_then(api: ApiClient) -> None:
    query = f"service=details&endTs={NOON_MS - 1}&lookback=0&step=60000&ratePer=60000"

    (metric,) = (await family(api, "calls", query))["metrics"]

    assert [2.0] == values(metric)
    assert "2026-11-20T11:59:59.999Z" == metric["metricPoints"][0]["timestamp"]


async def test_by_default_an_hour_up_to_now_in_steps_of_five_seconds(
    api: ApiClient, graph: TableGraph
) -> None:
    (metric,) = (await family(api, "calls", "service=details"))["metrics"]

    timestamps = [point["timestamp"] for point in metric["metricPoints"]]
    assert 721 == len(timestamps)
    assert ("2026-11-20T11:01:00Z", "2026-11-20T11:01:05Z", "2026-11-20T12:01:00Z") == (
        timestamps[0],
        timestamps[1],
        timestamps[-1],
    )
    assert NOON_NS + MINUTE - 3600 * SECOND - 10 * MINUTE == min(graph.windows)[0]
    assert 240 / 600 == values(metric)[-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("service=details,service=reviews", ["details", "reviews"]),
        ("service=reviews&service=details", ["details", "reviews"]),
        ("service=details.default,service=details&service=reviews", ["details.default", "reviews"]),
        ("service=reviews.default.svc.cluster.local", ["reviews.default.svc.cluster.local"]),
        ("service=&service=reviews", ["reviews"]),
        ("service=details,reviews", []),
    ],
)
async def test_a_series_is_named_as_the_service_was_asked_for(
    api: ApiClient, query: str, expected: list[str]
) -> None:
    answer = await family(api, "calls", query + minutes(0))
    assert expected == [metric["labels"][0]["value"] for metric in answer["metrics"]]


async def test_all_workloads_of_a_service_count_together(api: ApiClient) -> None:
    assert [0.3] == await only(api, "calls", "service=reviews" + minutes(0))
    assert [6 / 18] == await only(api, "errors", "service=reviews" + minutes(0))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&spanKind=server", [1.5]),
        ("&spanKind=client", [0.1]),
        ("&spanKind=client&spanKind=server", [1.6]),
        ("&spanKind=client&spanKind=producer&spanKind=internal", [0.1]),
    ],
)
async def test_only_spans_of_the_kinds_asked_for_count(
    api: ApiClient, query: str, expected: list[float]
) -> None:
    assert expected == await only(api, "calls", "service=details" + query + minutes(0))


async def test_months_are_looked_at_in_longer_intervals(api: ApiClient, graph: TableGraph) -> None:
    day_ms = 86_400_000
    query = f"service=details&endTs={NOON_MS}&lookback={30 * day_ms}&step={day_ms}&ratePer={day_ms}"

    found = await only(api, "calls", query)

    assert 31 == len(found)
    assert 240 / 86_400 == pytest.approx(found[-1])
    assert 3600 * SECOND == graph.windows[0][1] - graph.windows[0][0]


async def test_a_service_with_too_many_operations_shows_the_busiest(connect: Connect) -> None:
    groups: list[tuple[OperationKey, SpanGroup]] = [
        (operation(name=f"op {number}"), {"spans": number}) for number in range(1, 31)
    ]
    api = await connect(graph=TableGraph(operations_at=[minute(0, *groups)]))
    query = f"service=details&groupByOperation=1&endTs={NOON_MS}&lookback=10000000&step=1000"

    answer = await family(api, "calls", query)

    assert [f"op {number}" for number in range(30, 11, -1)] == [
        metric["labels"][0]["value"] for metric in answer["metrics"]
    ]


@pytest.mark.parametrize("query", ["&endTs=0", "&endTs=60000", f"&endTs={2**63 - 1}"])
async def test_times_without_data_are_no_error(api: ApiClient, query: str) -> None:
    assert [] == (await family(api, "calls", "service=details" + query))["metrics"]


UNPARSED = "unable to parse param "


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("calls", UNPARSED + "'service': please provide at least one service name"),
        ("calls?service=", UNPARSED + "'service': please provide at least one service name"),
        (
            "calls?" + "&".join(f"service={number}" for number in range(101)),
            UNPARSED + "'service': at most 100 services are allowed",
        ),
        (
            "latencies?service=a",
            UNPARSED + "'quantile': strconv.ParseFloat: parsing \"\": invalid syntax",
        ),
        (
            "latencies?service=a&quantile=foo",
            UNPARSED + "'quantile': strconv.ParseFloat: parsing \"foo\": invalid syntax",
        ),
        (
            "latencies?service=a&quantile=0",
            UNPARSED + "'quantile': please provide a quantile between (0, 1]",
        ),
        (
            "latencies?service=a&quantile=1.1",
            UNPARSED + "'quantile': please provide a quantile between (0, 1]",
        ),
        (
            "errors?service=a&groupByOperation=foo",
            UNPARSED + "'groupByOperation': strconv.ParseBool: parsing \"foo\": invalid syntax",
        ),
        ("errors?service=a&spanKind=foo", UNPARSED + "'spanKind': unsupported span kind: 'foo'"),
        ("errors?service=a&spanKind=", UNPARSED + "'spanKind': unsupported span kind: ''"),
        (
            "errors?service=a&spanKind=server&spanKind=SERVER",
            UNPARSED + "'spanKind': unsupported span kind: 'SERVER'",
        ),
        *(
            (
                f"calls?service=a&{name}=1m",
                UNPARSED + f"'{name}': strconv.ParseInt: parsing \"1m\": invalid syntax",
            )
            for name in ("endTs", "lookback", "step", "ratePer")
        ),
        *(
            (f"calls?service=a&{name}=-1", UNPARSED + f"'{name}': must not be negative")
            for name in ("endTs", "lookback", "step", "ratePer")
        ),
        ("calls?service=a&step=0", UNPARSED + "'step': must be greater than 0"),
        ("calls?service=a&ratePer=0", UNPARSED + "'ratePer': must be greater than 0"),
        (
            "calls?service=a&lookback=11000000&step=1000",
            (
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            ),
        ),
        (
            "calls?service=a&lookback=10800000001&step=60000000",
            "lookback and ratePer together cover more than 125 days",
        ),
    ],
)
async def test_bad_values_are_refused_in_the_envelope(
    api: ApiClient, path: str, message: str
) -> None:
    response = await api.http.get(f"/api/metrics/{path}")
    assert 400 == response.status
    assert "text/plain; charset=utf-8" == response.headers["Content-Type"]
    assert {
        "data": None,
        "total": 0,
        "limit": 0,
        "offset": 0,
        "errors": [{"code": 400, "msg": message}],
    } == json.loads(await response.text())


async def test_the_least_step_is_the_minute_that_is_stored(api: ApiClient) -> None:
    response = await api.http.get("/api/metrics/minstep")
    assert {"data": 60000, "total": 0, "limit": 0, "offset": 0, "errors": None} == (
        await response.json()
    )


async def test_an_answer_may_be_indented_for_people(api: ApiClient) -> None:
    response = await api.http.get("/api/metrics/calls?service=details&prettyPrint=1")
    assert '\n    "metrics": [\n        {\n' in await response.text()


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailable("locked"), 503), (QueryTimeout("slow"), 504)]
)
async def test_failures_of_the_store_are_in_the_envelope(
    api: ApiClient, graph: TableGraph, error: Exception, status: int
) -> None:
    graph.before = raising(error)
    response = await api.http.get("/api/metrics/calls?service=details")
    answer = json.loads(await response.text())
    assert (status, status) == (response.status, answer["errors"][0]["code"])
