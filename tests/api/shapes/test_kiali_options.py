import re

import pytest

from api.shapes.kiali_options import (
    AmbientTraffic,
    Appender,
    GrpcRate,
    HttpRate,
    KialiOptions,
    KialiType,
    ResponseTime,
    TcpRate,
    Throughput,
    parse_options,
    parse_prometheus_duration,
)
from model.graph.view import BoxKind

NOW = 1_763_600_000


def options(**query: str) -> KialiOptions:
    return parse_options({"namespaces": "default", **query}, NOW)


def test_the_defaults_are_kialis() -> None:
    assert KialiOptions(
        namespaces=frozenset({"default"}),
        query_time=NOW,
        duration=600,
        type=KialiType.WORKLOAD,
        box_by=frozenset(),
        appenders=frozenset(Appender),
        include_idle_edges=False,
        inject_service_nodes=False,
        ambient=AmbientTraffic.TOTAL,
        http=HttpRate.REQUESTS,
        grpc=GrpcRate.REQUESTS,
        tcp=TcpRate.SENT,
        response_time=ResponseTime.P95,
        throughput=Throughput.RESPONSE,
        cluster="",
        waypoints=False,
    ) == parse_options({"namespaces": "default"}, NOW)


def test_everything_can_be_asked_for() -> None:
    assert KialiOptions(
        namespaces=frozenset({"a", "b"}),
        query_time=1000,
        duration=60,
        type=KialiType.VERSIONED_APP,
        box_by=frozenset({BoxKind.CLUSTER, BoxKind.NAMESPACE, BoxKind.APP}),
        appenders=frozenset({Appender.HEALTH, Appender.RESPONSE_TIME}),
        include_idle_edges=True,
        inject_service_nodes=True,
        ambient=AmbientTraffic.NONE,
        http=HttpRate.NONE,
        grpc=GrpcRate.TOTAL,
        tcp=TcpRate.RECEIVED,
        response_time=ResponseTime.AVERAGE,
        throughput=Throughput.REQUEST,
        cluster="east",
        waypoints=True,
    ) == options(
        namespaces="a, b,",
        queryTime="1000",
        duration="1m",
        graphType="versionedApp",
        boxBy="cluster,namespace,app",
        appenders="health,responseTime, somethingNew",
        includeIdleEdges="true",
        injectServiceNodes="1",
        ambientTraffic="none",
        rateHttp="none",
        rateGrpc="total",
        rateTcp="received",
        responseTime="avg",
        throughputType="request",
        clusterName="east",
        waypoints="true",
        refreshInterval="60000",
    )


def test_the_window_ends_at_the_query_time() -> None:
    assert (940 * 10**9, 1000 * 10**9) == options(queryTime="1000", duration="60s").window_ns
    assert (0, 30 * 10**9) == options(queryTime="30", duration="1h").window_ns


def test_service_graphs_inject_nothing() -> None:
    assert not options(graphType="service", injectServiceNodes="true").inject_service_nodes


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"namespaces": ""},
            "At least one namespace must be specified via the namespaces query parameter.",
        ),
        ({"namespaces": " ,"}, "At least one namespace"),
        ({"namespaces": ",".join(map(str, range(1001)))}, "At most 1000 namespaces"),
        ({"duration": "10"}, "Invalid duration [10]"),
        ({"duration": "0s"}, "Invalid duration [0s]"),
        ({"duration": "367d"}, "Invalid duration [367d]"),
        ({"graphType": "operation"}, "Invalid graphType [operation]"),
        ({"boxBy": "app,zone"}, "Invalid boxBy [app,zone]"),
        ({"includeIdleEdges": "yes"}, "Invalid includeIdleEdges [yes]"),
        ({"injectServiceNodes": "2"}, "Invalid injectServiceNodes [2]"),
        ({"queryTime": "now"}, "Invalid queryTime [now]"),
        ({"queryTime": "0"}, "Invalid queryTime [0]"),
        ({"queryTime": "9999999999"}, "Invalid queryTime [9999999999]"),
        ({"ambientTraffic": "all"}, "Invalid Ambient Traffic [all]"),
        ({"rateHttp": "sent"}, "Invalid HTTP Rate [sent]"),
        ({"rateGrpc": "x"}, "Invalid gRPC Rate [x]"),
        ({"rateTcp": "requests"}, "Invalid TCP Rate [requests]"),
        ({"responseTime": "90"}, "Invalid responseTime"),
        ({"throughputType": "both"}, "Invalid throughputType"),
        ({"other": "x" * 8193}, "longer than 8192 characters"),
    ],
)
def test_what_kiali_refuses_is_refused_in_its_words(query: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        options(**query)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("90s", 90_000),
        ("1d", 86_400_000),
        ("2w", 1_209_600_000),
        ("1500ms", 1500),
        ("366d", 366 * 86_400_000),
    ],
)
def test_durations_are_prometheus(text: str, milliseconds: int) -> None:
    assert milliseconds == parse_prometheus_duration(text)


@pytest.mark.parametrize("text", ["", "0s", "10", "m", "1m1h", "1.5m", "-1m", "1m ", "٣m", "2y"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid duration string"):
        parse_prometheus_duration(text)
