"""Sends files of traces to a service by OTLP/HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from collector.trace_files import Body, partial_success

__all__ = ["ImportFailed", "Importer"]

_RETRYABLE = {429, 502, 503, 504}
_MAX_TRIES = 30
_MAX_WAIT_S = 10.0


class ImportFailed(Exception):
    """The service refused or could not be reached; what was sent before is stored."""


@dataclass(slots=True)
class Importer:
    """Sends bodies, one at a time; each is durable when its answer is there.

    Attributes:
        url: of the traces endpoint, such as ``http://127.0.0.1:4318/v1/traces``.
        sent_spans: acknowledged so far.
        reasons: why spans were rejected, in the service's words.
    """

    session: aiohttp.ClientSession
    url: str
    sent_spans: int = 0
    rejected_spans: int = 0
    reasons: set[str] = field(default_factory=set)

    async def send(self, body: Body) -> None:
        """Send one body; try again while the service asks for it. Raises ImportFailed."""
        for attempt in range(_MAX_TRIES):
            status, answer, retry_after = await self._post(body)
            if status == HTTPStatus.OK:
                self._count(body, answer)
                return
            if status not in _RETRYABLE:
                reason = answer.decode("utf-8", "replace")[:500]
                raise ImportFailed(f"{self.url} answered {status}: {reason}")
            await asyncio.sleep(min(retry_after or 0.5 * (attempt + 1), _MAX_WAIT_S))
        raise ImportFailed(f"{self.url} is overloaded: it answered {status} {_MAX_TRIES} times")

    async def _post(self, body: Body) -> tuple[int, bytes, float]:
        headers = {"Content-Type": body.content_type}
        try:
            async with self.session.post(self.url, data=body.data, headers=headers) as response:
                after = response.headers.get("Retry-After", "")
                wait_s = float(after) if after.isdigit() else 0.0
                return response.status, await response.read(), wait_s
        except (aiohttp.ClientError, OSError) as error:
            raise ImportFailed(f"cannot reach {self.url}: {error}") from error

    def _count(self, body: Body, answer: bytes) -> None:
        rejected, reason = partial_success(body.content_type, answer)
        if reason:
            self.reasons.add(reason)
        self.rejected_spans += rejected
        self.sent_spans += body.span_count - rejected
