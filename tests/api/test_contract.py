"""``openapi.yaml`` is the contract: it says what the application has, no more and no less."""

import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml

from api import ApiConfig, create_app
from api.app import API_PREFIX
from api.config import MAX_PAGE_SIZE
from api.contract import openapi_json, openapi_yaml
from api.documents import KINDS, STATUSES
from api.parameters import MAX_TEXT_LENGTH
from api.system.check import CheckStatus
from api.system.document import MAX_SENDERS
from api.system.state import FaultKind
from collector.receivers.peers import MAX_PEERS
from model.graph.edge import Protocol, Via
from model.graph.place import PlaceKind
from model.graph.view import BoxKind, GraphType, HealthStatus
from model.hops import Hop
from model.proxy_calls import PeerSource
from model.query import AttributeScope
from model.trace_warnings import WarningCode
from spanloom.roles import Role
from tests.api.conftest import ApiClient
from tests.api.contract import contract
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
    ]


def parameters(operation: dict[str, Any], place: str) -> list[dict[str, Any]]:
    known = contract()["components"]["parameters"]
    found = [
        known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in operation.get("parameters", [])
    ]
    return [each for each in found if each["in"] == place]


def test_routes_and_contract_are_equal() -> None:
    app = create_app(ApiConfig(), ReferenceReader([]), TableGraph())
    routes = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(API_PREFIX)
    }
    declared = {(method.upper(), path) for method, path, _ in operations()}
    heads = {("HEAD", path) for method, path in declared if method == "GET"}

    assert declared | heads == routes


@pytest.mark.parametrize(("method", "path", "operation"), operations())
async def test_a_resource_knows_exactly_the_declared_parameters(
    api: ApiClient, method: str, path: str, operation: dict[str, Any]
) -> None:
    url = re.sub(r"\{[^}]+\}", "c47", path)
    response = await api.http.request(method, url, params={"no_such_parameter": "1"})
    hint = (await response.json())["error"]["hint"]
    listed = hint.partition("the parameters here are ")[2]

    assert {each["name"] for each in parameters(operation, "query")} == set(
        listed.split(", ") if listed else []
    )


@pytest.mark.parametrize(("path", "operation"), [each[1:] for each in operations()])
def test_an_operation_declares_its_path_variables_and_its_errors(
    path: str, operation: dict[str, Any]
) -> None:
    assert re.findall(r"\{([^}]+)\}", path) == [
        each["name"] for each in parameters(operation, "path")
    ]
    assert {"200", "304", "default"} <= operation["responses"].keys()


def test_the_words_of_the_contract_are_those_of_the_model() -> None:
    schemas = contract()["components"]["schemas"]
    declared = {
        "kinds": schemas["Kind"]["enum"],
        "statuses": schemas["Status"]["enum"],
        "hops": schemas["Proxy"]["properties"]["hop"]["enum"],
        "sources": schemas["Peer"]["properties"]["source"]["enum"],
        "warnings": schemas["Warning"]["properties"]["code"]["enum"],
        "graph types": schemas["GraphType"]["enum"],
        "boxes": schemas["BoxKind"]["enum"],
        "places": schemas["PlaceKind"]["enum"],
        "protocols": schemas["Protocol"]["enum"],
        "health": schemas["Health"]["properties"]["status"]["enum"],
        "checks": schemas["SystemCheck"]["properties"]["status"]["enum"],
        "faults": schemas["SystemFault"]["properties"]["kind"]["enum"],
        "roles": schemas["System"]["properties"]["role"]["enum"],
        "vias": schemas["GraphEdge"]["properties"]["via"]["items"]["enum"],
        "scopes": schemas["AttributeKeys"]["properties"]["attributes"]["items"]["properties"][
            "scope"
        ]["enum"],
    }

    assert declared == {
        "kinds": list(KINDS),
        "statuses": list(STATUSES),
        "hops": [hop.value for hop in Hop],
        "sources": [source.value for source in PeerSource],
        "warnings": [code.value for code in WarningCode],
        "graph types": [each.value for each in GraphType],
        "boxes": [kind.value for kind in BoxKind],
        "places": [kind.value for kind in PlaceKind],
        "protocols": [protocol.value for protocol in Protocol],
        "health": [status.value for status in HealthStatus],
        "checks": [status.value for status in CheckStatus],
        "faults": [kind.value for kind in FaultKind],
        "roles": [role.value for role in Role],
        "vias": [via.value for via in Via if via],
        "scopes": [scope.value for scope in AttributeScope],
    }


def test_the_limits_of_the_contract_are_the_defaults_of_the_settings() -> None:
    config = ApiConfig()
    search = {
        each["name"]: each["schema"]
        for each in parameters(contract()["paths"]["/api/v1/traces"]["get"], "query")
    }
    histogram = {
        each["name"]: each["schema"]
        for each in parameters(contract()["paths"]["/api/v1/search/histogram"]["get"], "query")
    }
    about = contract()["info"]["description"]
    graph = contract()["paths"]["/api/v1/graph"]["get"]["responses"]["200"]["description"]
    series = contract()["paths"]["/api/v1/metrics/edges"]["get"]["responses"]["200"]["description"]

    assert (config.default_page_size, MAX_PAGE_SIZE) == (
        search["limit"]["default"],
        search["limit"]["maximum"],
    )
    assert config.max_page_size == MAX_PAGE_SIZE
    assert config.max_trace_ids == search["trace_id"]["maxItems"]
    assert config.max_attribute_conditions == search["attribute"]["maxItems"]
    assert config.max_histogram_buckets == histogram["buckets"]["maximum"]
    assert contract()["components"]["schemas"]["Text"]["maxLength"] == MAX_TEXT_LENGTH
    senders = contract()["components"]["schemas"]["SystemSenders"]["properties"]["services"]
    peers = contract()["components"]["schemas"]["System"]["properties"]["peers"]["anyOf"][0]
    assert (MAX_SENDERS, MAX_PEERS) == (senders["maxItems"], peers["maxItems"])
    upload = contract()["paths"]["/api/v1/uploads"]["post"]["description"]
    assert f"At most {config.jaeger.max_upload_bytes >> 20} MiB" in upload
    assert f"a request has {config.query_timeout_s:g} s" in about
    assert f"{config.max_concurrent_queries} requests\nare worked on" in about
    assert f"{config.max_queued_queries} more may wait" in about
    assert f"{config.max_request_spans:,} spans" in openapi_yaml().decode()
    assert config.default_window_s == 3600
    assert config.default_graph_window_s == 600
    assert config.idle_lookback_s == 24 * 3600
    assert f"{config.max_graph_nodes:,} nodes and {config.max_graph_edges:,} edges" in graph
    assert f"{config.max_metric_series} series" in series
    assert (
        f"{config.max_metric_steps:,}"
        in contract()["components"]["parameters"]["Step"]["description"]
    )


def test_every_schema_of_the_contract_is_a_schema() -> None:
    for name, schema in contract()["components"]["schemas"].items():
        jsonschema_rs.Draft202012Validator({**schema, "components": contract()["components"]}), name


async def test_the_contract_is_served_as_it_is_and_as_json(api: ApiClient) -> None:
    as_yaml = await api.http.get("/api/v1/openapi.yaml")
    as_json = await api.http.get("/api/v1/openapi.json")

    assert ("application/yaml", openapi_yaml()) == (as_yaml.content_type, await as_yaml.read())
    assert yaml.safe_load(openapi_yaml()) == await as_json.json()
    assert yaml.safe_load(openapi_yaml()) == msgspec.json.decode(openapi_json())
