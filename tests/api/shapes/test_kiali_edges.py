from dataclasses import replace

import pytest

from model.graph.edge import Protocol
from model.graph.place import PlaceKind
from model.graph.view import GraphType, Outcome
from tests.api.shapes.graphs import (
    DEGRADED,
    SICK,
    bad,
    bookinfo,
    edge,
    graph,
    node,
    ok,
    traffic,
    virtual,
)
from tests.api.shapes.kiali_documents import edges, nodes, pair, sha


def test_callers_that_are_one_to_kiali_have_one_edge() -> None:
    calls = traffic(ok(100))
    drawn = graph(
        [
            virtual("u", "u", PlaceKind.UNKNOWN),
            virtual("i", "i", PlaceKind.INGRESS),
            node("b", "b", workload="b"),
        ],
        [edge("u", "b", calls), edge("i", "b", calls)],
        type=GraphType.WORKLOAD,
    )

    assert ["2.00"] == [each["traffic"]["rates"]["http"] for each in edges(drawn)]


def test_the_id_of_an_edge_is_the_hash_of_its_ends_and_protocol() -> None:
    (found,) = edges(pair(traffic(ok(1, Protocol.GRPC)), Protocol.GRPC))

    assert sha(f"{found['source']}.{found['target']}.grpc") == found["id"]
    assert sha("wl_cluster-1_default_a-v1") == found["source"]


@pytest.mark.parametrize(
    ("calls", "expected"),
    [(1, "0.01"), (12_345, "123.45"), (99, "0.99"), (0.5, "0.005"), (0.049, "0.0005"),
     (0.00012, "0.00000")],
)  # fmt: skip
def test_rates_have_two_decimals_and_small_ones_more(calls: float, expected: str) -> None:
    few = ok(1)._replace(estimated=calls)
    (found,) = edges(pair(traffic(ok(1))._replace(outcomes=(few,))))

    assert expected == found["traffic"]["rates"]["http"]


def test_http_rates_tell_classes_of_codes_and_percentages() -> None:
    calls = traffic(ok(50), ok(10, code="302"), bad(20, "404"), bad(15, "503"), bad(5, "-", "UH"))
    (found,) = edges(pair(calls))

    assert {
        "http": "1.00",
        "http3xx": "0.10",
        "http4xx": "0.20",
        "http5xx": "0.15",
        "httpNoResponse": "0.05",
        "httpPercentErr": "40.0",
        "httpPercentReq": "100.0",
    } == found["traffic"]["rates"]


def test_grpc_rates_tell_errors_by_status_unless_http_failed() -> None:
    def grpc(calls: int, code: str, status: str) -> Outcome:
        return Outcome(Protocol.GRPC, code, "-", status, "", calls, 0, float(calls))

    calls = traffic(
        grpc(60, "200", "0"), grpc(10, "200", "14"), grpc(20, "503", ""), grpc(10, "-", "")
    )
    (found,) = edges(pair(calls, Protocol.GRPC))
    target = nodes(pair(calls, Protocol.GRPC))[1]

    assert {
        "grpc": "1.00",
        "grpcErr": "0.30",
        "grpcNoResponse": "0.10",
        "grpcPercentErr": "40.0",
        "grpcPercentReq": "100.0",
    } == found["traffic"]["rates"]
    assert {"0", "14", "503", "-"} == found["traffic"]["responses"].keys()
    assert [
        {
            "protocol": "grpc",
            "rates": {"grpcIn": "1.00", "grpcInErr": "0.30", "grpcInNoResponse": "0.10"},
        }
    ] == target["traffic"]


@pytest.mark.parametrize(
    ("rate", "expected"), [("sent", "10.00"), ("received", "20.00"), ("total", "30.00")]
)
def test_tcp_is_told_in_bytes_a_second(rate: str, expected: str) -> None:
    calls = traffic(ok(7, Protocol.TCP, ""), request_bytes=1000, response_bytes=2000)
    (found,) = edges(pair(calls, Protocol.TCP), rateTcp=rate)

    assert {"tcp": expected} == found["traffic"]["rates"]
    assert ("", "") == (found.get("responseTime", ""), found.get("throughput", ""))


def test_calls_without_codes_are_shown_as_http_and_failures_as_no_response() -> None:
    calls = traffic(Outcome(Protocol.DATABASE, "", "", "", "", 100, 25, 100.0))
    (found,) = edges(pair(calls, Protocol.DATABASE))

    assert "http" == found["traffic"]["protocol"]
    assert {
        "http": "1.00",
        "httpNoResponse": "0.25",
        "httpPercentErr": "25.0",
        "httpPercentReq": "100.0",
    } == found["traffic"]["rates"]


def test_responses_tell_percent_of_the_edge_by_flags_and_hosts() -> None:
    calls = traffic(
        ok(60, host="b.default.svc.cluster.local"),
        ok(20, host="www.example.com"),
        bad(15, "503", "UF,URX", host="b.default.svc.cluster.local"),
        bad(5, "503", "UO"),
    )
    (found,) = edges(pair(calls))

    assert {
        "200": {
            "flags": {"-": "80.0"},
            "hosts": {"b.default.svc.cluster.local": "60.0", "www.example.com": "20.0"},
        },
        "503": {
            "flags": {"UF,URX": "15.0", "UO": "5.0"},
            "hosts": {"b.default.svc.cluster.local": "15.0"},
        },
    } == found["traffic"]["responses"]


def test_the_share_of_an_edge_is_of_what_its_source_sends_by_this_protocol() -> None:
    found = edges(bookinfo(), graphType="versionedApp")
    productpage = sha("vapp_cluster-1_default_productpage-v1")

    assert ["10.0", "20.0", "20.0", "50.0"] == sorted(
        each["traffic"]["rates"]["httpPercentReq"]
        for each in found
        if each["source"] == productpage
    )


@pytest.mark.parametrize(
    ("wanted", "expected"), [("avg", "10"), ("50", "5"), ("95", "20"), ("99", "30")]
)
def test_the_response_time_is_in_whole_milliseconds(wanted: str, expected: str) -> None:
    (found,) = edges(pair(traffic(ok(1), p95_ms=20)), responseTime=wanted)

    assert expected == found["responseTime"]


@pytest.mark.parametrize(("wanted", "expected"), [("request", "10"), ("response", "20")])
def test_the_throughput_is_in_whole_bytes_a_second(wanted: str, expected: str) -> None:
    calls = traffic(ok(100), request_bytes=1000, response_bytes=2000)
    (found,) = edges(pair(calls), throughputType=wanted)

    assert expected == found["throughput"]


def test_the_throughput_is_scaled_by_sampling_like_rates() -> None:
    calls = traffic(ok(100), response_bytes=2000, weight=10.0)
    (found,) = edges(pair(calls))

    assert ("10.00", "200") == (found["traffic"]["rates"]["http"], found["throughput"])


def test_security_tells_mtls_and_principals() -> None:
    drawn = pair(
        traffic(ok(1)), mtls=0.756, source_principal="spiffe://a", destination_principal="b"
    )
    (found,) = edges(drawn)
    (plain,) = edges(pair(traffic(ok(1)), mtls=0.0))

    assert ("76", "spiffe://a", "b") == (
        found["isMTLS"],
        found["sourcePrincipal"],
        found["destPrincipal"],
    )
    assert "isMTLS" not in plain


@pytest.mark.parametrize(
    ("appenders", "members"),
    [
        ("health", {"healthStatus"}),
        ("responseTime", {"responseTime"}),
        ("throughput", {"throughput"}),
        ("securityPolicy", {"isMTLS"}),
        ("", set()),
        ("istio,labeler", set()),
    ],
)
def test_appenders_choose_what_edges_tell(appenders: str, members: set[str]) -> None:
    drawn = pair(traffic(ok(1), response_bytes=1000), mtls=1.0)
    (found,) = edges(drawn, appenders=appenders)

    assert {"id", "source", "target", "traffic"} | members == found.keys()


@pytest.mark.parametrize(("health", "word"), [(DEGRADED, "Degraded"), (SICK, "Failure")])
def test_the_health_of_edges_is_in_kialis_words(health: object, word: str) -> None:
    (found,) = edges(pair(traffic(ok(1)), health=health))

    assert word == found["healthStatus"]


def test_edges_that_have_gone_silent_are_idle() -> None:
    now, before = pair(traffic(ok(1))), pair(traffic(ok(5)))
    silent = replace(before, edges=(edge("b", "a", traffic(ok(5))), *before.edges))
    found = {each["source"]: each["traffic"] for each in edges(now, silent)}

    assert {"http": "0.01", "httpPercentReq": "100.0"} == found[sha("wl_cluster-1_default_a-v1")][
        "rates"
    ]
    assert {"protocol": "http"} == found[sha("wl_cluster-1_default_b-v1")]
