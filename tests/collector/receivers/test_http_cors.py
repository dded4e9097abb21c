"""OTLP/HTTP from web pages."""

import pytest

from collector.receivers.config import CorsConfig
from tests.collector.builders import request, span

BODY = request(span(1))
SHOP = "https://shop.example"
PREFLIGHT = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}


async def test_nobody_is_allowed_by_default(serve_http):
    client = await serve_http()

    preflight = await client.request("OPTIONS", headers=PREFLIGHT)
    response = await client.post(BODY, Origin=SHOP)

    assert preflight.status == 405
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("allowed", [SHOP, "*"])
async def test_a_page_of_an_allowed_origin_may_send(serve_http, allowed):
    cors = CorsConfig(allowed_origins=(allowed,), allowed_headers=("X-Tenant",), max_age_s=60)
    client = await serve_http(cors=cors)

    preflight = await client.request("OPTIONS", headers=PREFLIGHT)
    response = await client.post(BODY, Origin=SHOP)

    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == SHOP
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert (
        preflight.headers["Access-Control-Allow-Headers"]
        == "Content-Type, Content-Encoding, X-Tenant"
    )
    assert preflight.headers["Access-Control-Max-Age"] == "60"
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert response.headers["Vary"] == "Origin"


async def test_a_page_may_read_errors_too(serve_http):
    client = await serve_http(cors=CorsConfig(allowed_origins=(SHOP,)))

    response = await client.post(b"\xff", Origin=SHOP)

    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (400, SHOP)


async def test_other_origins_stay_outside(serve_http):
    client = await serve_http(cors=CorsConfig(allowed_origins=(SHOP,)))

    preflight = await client.request("OPTIONS", headers={**PREFLIGHT, "Origin": "https://evil"})
    response = await client.post(BODY, Origin="https://evil")

    assert preflight.status == 405
    assert "Access-Control-Allow-Origin" not in response.headers
