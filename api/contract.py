"""The contract itself: ``openapi.yaml``, served as it is and as JSON."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import msgspec
import yaml
from aiohttp import web

from api.parameters import Parameters
from api.responses import JSON, Payload, accepts_gzip, render, respond

__all__ = ["contract_json", "contract_yaml", "openapi_json", "openapi_yaml"]

_YAML = "application/yaml"  # RFC 9512


def openapi_yaml() -> bytes:
    """Return the contract as its authors wrote it."""
    return resources.files("api").joinpath("openapi.yaml").read_bytes()


def openapi_json() -> bytes:
    """Return the contract as JSON."""
    return msgspec.json.encode(yaml.safe_load(openapi_yaml()))


@lru_cache(maxsize=4)
def _payload(content_type: str, *, gzip: bool) -> Payload:
    body = openapi_yaml() if content_type == _YAML else openapi_json()
    return render([body], content_type, gzip=gzip)


async def contract_yaml(request: web.Request) -> web.StreamResponse:
    """``GET /openapi.yaml``."""
    return _serve(request, _YAML)


async def contract_json(request: web.Request) -> web.StreamResponse:
    """``GET /openapi.json``."""
    return _serve(request, JSON)


def _serve(request: web.Request, content_type: str) -> web.Response:
    Parameters(request.query, ())
    return respond(request, _payload(content_type, gzip=accepts_gzip(request)))
