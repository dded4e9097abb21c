"""A client of Jaeger's APIs, whose answers are not in our contract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from yarl import URL

from tests.api.conftest import ApiClient, Connect

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``document`` is its body as JSON."""

    status: int
    content_type: str
    body: bytes

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)


class JaegerClient:
    """Asks as Jaeger's clients do."""

    def __init__(self, api: ApiClient) -> None:
        self.http = api.http

    async def get(self, path: str, *pairs: tuple[str, str], method: str = "GET") -> Answer:
        url = URL.build(path=path, encoded=True)
        if pairs:
            url = url.with_query(list(pairs))
        response = await self.http.request(method, url)
        body = await response.read()
        return Answer(response.status, response.headers.get("Content-Type", ""), body)

    async def data(self, path: str, *pairs: tuple[str, str]) -> Any:
        answer = await self.get(path, *pairs)
        assert 200 == answer.status, answer.body
        return answer.document["data"]

    async def refusal(self, path: str, *pairs: tuple[str, str], method: str = "GET") -> str:
        """Return the message of a 400 in the envelope."""
        answer = await self.get(path, *pairs, method=method)
        message = answer.document["errors"][0]["msg"]
        assert failure(400, message) == answer
        assert isinstance(message, str)
        return message


def failure(status: int, message: str) -> Answer:
    """The answer that tells of a failure as Jaeger does."""
    body = msgspec.json.encode(
        {
            "errors": [{"code": status, "msg": message}],
            "data": None,
            "total": 0,
            "limit": 0,
            "offset": 0,
        }
    )
    return Answer(status, "text/plain; charset=utf-8", body + b"\n")


def golden(name: str) -> Any:
    """Return a document that was written by hand."""
    return msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes())


@pytest.fixture
async def jaeger(connect: Connect) -> JaegerClient:
    return JaegerClient(await connect())
