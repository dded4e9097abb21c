"""Answers of the legacy API, indented for people who ask for that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from api.jaeger.legacy_parameters import is_pretty
from api.jaeger.trace_json import indented
from api.queries import Deadline
from api.responses import answer_in_chunks

__all__ = ["answer_pretty"]


async def answer_pretty(
    request: web.Request, work: Callable[[Deadline], Iterable[bytes]]
) -> web.Response:
    """Run ``work`` on a query thread and answer with the JSON that it returns in pieces."""
    if not is_pretty(request):
        return await answer_in_chunks(request, work)
    return await answer_in_chunks(request, lambda deadline: indented(work(deadline)))
