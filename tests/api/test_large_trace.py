"""A trace of 100,000 spans is answered, and meanwhile everybody else is too."""

import asyncio
from dataclasses import replace

from tests.api.conftest import Connect
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import CART_TRACE, sample_spans

SPANS = 100_000


async def test_other_requests_are_answered_while_a_very_large_trace_is_assembled(
    connect: Connect,
) -> None:
    root, *_ = (span for span in sample_spans() if span.trace_id == CART_TRACE)
    reader = ReferenceReader([])
    reader.spans = [root] + [
        replace(root, span_id=f"{number:016x}", parent_span_id=f"{number // 8 or 1:016x}")
        for number in range(2, SPANS + 1)
    ]
    api = await connect(of=reader)

    large = asyncio.create_task(api.http.get(f"/api/v1/traces/{CART_TRACE}"))
    answered = 0
    while not large.done():
        response = await api.http.get("/api/v1/openapi.yaml")
        await response.read()
        answered += 1
    response = await large
    trace = await response.json()

    assert (200, SPANS) == (response.status, len(trace["spans"]))
    assert SPANS == trace["summary"]["span_count"]
    assert answered > 10
