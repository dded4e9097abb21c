"""Asks the v3 HTTP API, for its tests."""

from __future__ import annotations

import json
from typing import Any

from tests.api.conftest import ApiClient
from tests.api.jaeger.ui_rules import check_summaries

__all__ = ["DAY", "ask", "found", "refusal", "trace_ids"]

DAY = {
    "query.startTimeMin": "2026-11-20T00:00:00Z",
    "query.startTimeMax": "2026-11-20T23:59:59.999999999Z",
}


async def ask(api: ApiClient, path: str, **parameters: str) -> Any:
    response = await api.http.get(path, params=parameters)
    assert response.status == 200, await response.text()
    assert response.content_type == "application/json"
    return await response.json()


async def refusal(api: ApiClient, path: str, **parameters: str) -> tuple[int, str]:
    """Return status and message, of an error in the gateway's shape."""
    response = await api.http.get(path, params=parameters)
    text = await response.text()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.endswith("}\n")
    document = json.loads(text)
    assert {"error": {"httpCode": response.status, "message": document["error"]["message"]}} == (
        document
    )
    return response.status, document["error"]["message"]


async def found(api: ApiClient, **parameters: str) -> list[str]:
    answer = await ask(api, "/api/v3/trace-summaries", **{**DAY, **parameters})
    check_summaries(answer)
    return [summary["traceId"] for summary in answer["summaries"]]


def trace_ids(answer: Any) -> list[str]:
    """Return the ids of the traces in an answer, in order of appearance."""
    spans = [
        span
        for resource in answer["result"]["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    return list(dict.fromkeys(span["traceId"] for span in spans))
