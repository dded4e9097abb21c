import pytest

from model.envoy import (
    ClusterKind,
    NodeId,
    ProxyType,
    ServiceHost,
    UpstreamCluster,
    is_proxy_span,
    parse_node_id,
    parse_service_host,
    parse_upstream_cluster,
    workload_of_pod,
)
from model.response_flags import ResponseFlag, parse_response_flags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "sidecar~10.244.0.11~details-v1-abc.bookinfo~bookinfo.svc.cluster.local",
            NodeId(ProxyType.SIDECAR, "10.244.0.11", "details-v1-abc", "bookinfo"),
        ),
        (
            "router~10.244.0.3~istio-ingressgateway-7f8d-x2x4z.istio-system~istio-system.svc.x",
            NodeId(
                ProxyType.GATEWAY, "10.244.0.3", "istio-ingressgateway-7f8d-x2x4z", "istio-system"
            ),
        ),
        (
            "waypoint~fd00::9~waypoint-5f8d9b6c5d-vwxz2.default~default.svc.cluster.local",
            NodeId(ProxyType.WAYPOINT, "fd00::9", "waypoint-5f8d9b6c5d-vwxz2", "default"),
        ),
        (
            "sidecar~10.0.0.1~pod.with.dots.shop~shop.svc.cluster.local",
            NodeId(ProxyType.SIDECAR, "10.0.0.1", "pod.with.dots", "shop"),
        ),
        (
            "sidecar~10.0.0.1~machine~vm.svc.cluster.local",
            NodeId(ProxyType.SIDECAR, "10.0.0.1", "machine", "vm"),
        ),
        ("sidecar~10.0.0.1~machine~", NodeId(ProxyType.SIDECAR, "10.0.0.1", "machine", "")),
        ("sidecar~~~", NodeId(ProxyType.SIDECAR, "", "", "")),
        ("ztunnel~10.0.0.1~pod.ns~domain", None),
        ("sidecar~10.0.0.1~pod.ns", None),
        ("edge-1", None),
        ("", None),
    ],
)
def test_a_node_id_is_parsed(text: str, expected: NodeId | None) -> None:
    assert parse_node_id(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "outbound|9080|v1|reviews.default.svc.cluster.local",
            (ClusterKind.OUTBOUND, 9080, "v1", "reviews.default.svc.cluster.local"),
        ),
        (
            "outbound|9080||reviews.default.svc.cluster.local;",
            (ClusterKind.OUTBOUND, 9080, "", "reviews.default.svc.cluster.local"),
        ),
        (
            "outbound_.443_.v2_.api.shop.svc.cluster.local",
            (ClusterKind.OUTBOUND, 443, "v2", "api.shop.svc.cluster.local"),
        ),
        ("outbound|443||api.example.com", (ClusterKind.OUTBOUND, 443, "", "api.example.com")),
        ("inbound|9080||", (ClusterKind.INBOUND, 9080, "", "")),
        (
            "inbound-vip|9080|http|reviews.default.svc.cluster.local",
            (ClusterKind.INBOUND, 9080, "http", "reviews.default.svc.cluster.local"),
        ),
        ("PassthroughCluster", (ClusterKind.PASSTHROUGH, 0, "", "")),
        ("InboundPassthroughCluster", (ClusterKind.INBOUND_PASSTHROUGH, 0, "", "")),
        ("InboundPassthroughClusterIpv4", (ClusterKind.INBOUND_PASSTHROUGH, 0, "", "")),
        ("BlackHoleCluster", (ClusterKind.BLACK_HOLE, 0, "", "")),
        ("ratings_service", (ClusterKind.OTHER, 0, "", "")),
        ("a|b|c|d", (ClusterKind.OTHER, 0, "", "")),
        ("outbound|port||host", (ClusterKind.OUTBOUND, 0, "", "host")),
    ],
)
def test_an_upstream_cluster_is_parsed(
    text: str, expected: tuple[ClusterKind, int, str, str]
) -> None:
    assert parse_upstream_cluster(text) == UpstreamCluster(text.removesuffix(";"), *expected)


def test_no_upstream_cluster_is_none() -> None:
    assert parse_upstream_cluster("") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reviews.default.svc.cluster.local", ServiceHost("reviews", "default")),
        ("reviews.default.svc", ServiceHost("reviews", "default")),
        ("reviews.default.svc.cluster.local.:9080", ServiceHost("reviews", "default")),
        ("reviews.default", None),
        ("reviews", None),
        ("api.example.com", None),
        (".default.svc", None),
        ("", None),
    ],
)
def test_a_kubernetes_service_host_is_parsed(text: str, expected: ServiceHost | None) -> None:
    assert parse_service_host(text) == expected


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("reviews-v2-6b746f74dc-9rlmh", "reviews-v2"),
        ("productpage-v1-75b979578c-abcde", "productpage-v1"),
        ("details-v1-1520924117-48z17", "details-v1"),
        ("app-frontend2-proxy-5d4f8c9b7-x2x4z", "app-frontend2-proxy"),
        ("mongo-0", "mongo"),
        ("kafka-broker-12", "kafka-broker"),
        ("fluent-bit-x2x4z", "fluent-bit"),
        ("backup-28391040-x2x4z", "backup"),
        ("single", "single"),
        ("my-proxy", "my-proxy"),
        ("web-front", "web-front"),
        ("", ""),
    ],
)
def test_the_workload_is_the_pod_without_what_kubernetes_added(pod: str, workload: str) -> None:
    assert workload_of_pod(pod) == workload


def test_a_proxy_span_is_known_by_its_component() -> None:
    assert is_proxy_span({"component": "proxy"})
    assert not is_proxy_span({"component": "net/http"})
    assert not is_proxy_span({})


# envoy-istio.md section 8, in full.
FLAGS = (
    "UH UF UO UC UR UT URX UMSDR UPE LR LH NR NC NFCF DF DC DR DPE DT SI IH RL RLSE UAEX DI FI "
    "RFCF OM DO"
)


@pytest.mark.parametrize("flag", FLAGS.split())
def test_every_response_flag_of_envoy_has_words(flag: str) -> None:
    (found,) = parse_response_flags(flag)

    assert found.flag == flag
    assert found.meaning
    assert found.look_at or flag == "RFCF"


def test_a_response_flag_reads_as_a_sentence() -> None:
    assert [str(flag) for flag in parse_response_flags("UH")] == ["UH: no healthy upstream host"]


def test_response_flags_are_separated_by_commas() -> None:
    assert [flag.flag for flag in parse_response_flags("UF,URX")] == ["UF", "URX"]


@pytest.mark.parametrize("text", ["", "-", " , "])
def test_nothing_special_is_no_flag(text: str) -> None:
    assert parse_response_flags(text) == ()


def test_an_unknown_response_flag_is_shown_as_it_is() -> None:
    assert parse_response_flags("UH,XYZ")[1] == ResponseFlag("XYZ")
    assert str(ResponseFlag("XYZ")) == "XYZ"
