"""Holds answers against ``openapi.yaml``, and refuses members that it does not declare."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any

import jsonschema_rs
import yaml

from api.contract import openapi_yaml


@cache
def contract() -> dict[str, Any]:
    return yaml.safe_load(openapi_yaml())


def check_response(
    path: str, status: int, content_type: str, body: Any, method: str = "get"
) -> None:
    """Raise if no operation of the contract declares this answer to ``method`` on ``path``."""
    template = next((each for each in contract()["paths"] if _matches(each, path)), None)
    operation = contract()["paths"].get(template, {}).get(method, {})
    declared = operation.get("responses", {})
    response = declared.get(str(status)) or _error_response()
    if "$ref" in response:
        response = contract()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    assert content_type in content, f"{path} declares no {content_type} for {status}"
    _validator(yaml.safe_dump(content[content_type]["schema"])).validate(body)


def _error_response() -> dict[str, Any]:
    return contract()["components"]["responses"]["Error"]


def _matches(template: str, path: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path))


@cache
def _validator(schema: str) -> Any:
    closed = _close(copy.deepcopy(contract()["components"]))
    return jsonschema_rs.Draft202012Validator({**yaml.safe_load(schema), "components": closed})


def _close(schema: Any) -> Any:
    if isinstance(schema, dict):
        for member in schema.values():
            _close(member)
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        for member in schema:
            _close(member)
    return schema
