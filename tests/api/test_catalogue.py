"""Services, operations, attribute keys and values."""

import pytest

from tests.api.conftest import ApiClient


async def test_services_come_with_their_identity_and_when_they_were_last_seen(
    api: ApiClient,
) -> None:
    found = await api.json("/api/v1/services")

    assert ["cart.shop", "front.shop", "pay.bank"] == [each["name"] for each in found["services"]]
    assert {
        "name": "cart.shop",
        "service": "cart",
        "namespace": "shop",
        "cluster": "east",
        "last_seen": "2026-11-20T12:00:00.200000000Z",
        "last_seen_unix_nano": "1795176000200000000",
    } == found["services"][0]


@pytest.mark.parametrize("service", ["front", "front.shop", "front.shop.svc.cluster.local"])
async def test_operations_are_found_by_every_form_of_a_name(api: ApiClient, service: str) -> None:
    found = await api.json(f"/api/v1/services/{service}/operations")

    assert [
        {"name": "GET /", "kind": "server"},
        {"name": "cart.shop.svc.cluster.local:80/*", "kind": "client"},
    ] == found["operations"]


async def test_operations_can_be_of_one_kind(api: ApiClient) -> None:
    found = await api.json("/api/v1/services/front/operations", ("kind", "server"))

    assert [{"name": "GET /", "kind": "server"}] == found["operations"]


async def test_a_service_that_is_not_known_has_no_operations(api: ApiClient) -> None:
    assert {"operations": []} == await api.json("/api/v1/services/a%2Fb%20c/operations")


async def test_attribute_keys_complete_a_prefix(api: ApiClient) -> None:
    found = await api.json("/api/v1/attributes", ("prefix", "node"))

    assert [{"key": "node_id", "scope": "span", "indexed": True}] == found["attributes"]


async def test_an_empty_prefix_completes_everything(api: ApiClient) -> None:
    found = await api.json("/api/v1/attributes", ("prefix", ""), ("limit", "2"))

    assert ["attempt", "big"] == [each["key"] for each in found["attributes"]]


@pytest.mark.parametrize(
    ("path", "pairs", "expected"),
    [
        ("http.status_code", [], ["200", "503"]),
        ("http.status_code", [("prefix", "5")], ["503"]),
        ("http.status_code", [("service", "pay")], ["200"]),
        ("http.status_code", [("limit", "1")], ["200"]),
        ("quote%3Dd%20key", [], ["x"]),
        ("a%2Fb", [], []),
    ],
)
async def test_values_of_an_attribute_come_most_frequent_first(
    api: ApiClient, path: str, pairs: list[tuple[str, str]], expected: list[str]
) -> None:
    found = await api.json(f"/api/v1/attributes/{path}/values", *pairs)

    assert expected == found["values"]
