"""A trace of ten thousand spans: three seconds wide, up to 29 deep, forty services."""

from __future__ import annotations

import random

from bench.mesh import Pod, SpanDraft, pod_name
from tests.ui.drafts import MILLISECOND, Request, inside

__all__ = ["DEPTH", "SPANS", "large_trace"]

SPANS = 10_000
DEPTH = 29
"""Spans above one another, the root and the deepest leaf included."""

_DURATION_NS = 3_000 * MILLISECOND
_MOST_BRANCHES = 6
_SHORTEST_CALL_NS = 2 * MILLISECOND  # what its way to the callee takes, there and back
_SHARE_OF_FAILING = 0.01


def _pod(number: int) -> Pod:
    app = f"service-{number:02}"
    name = pod_name(f"{app}-v1", number)
    return Pod(app, f"load-{number % 4}", "v1", name, f"10.244.{number % 3}.{150 + number}")


_PODS = tuple(map(_pod, range(40)))


def large_trace(rng: random.Random, start_ns: int) -> Request:
    """Draft the trace; it starts at ``start_ns``."""
    request = Request(rng)
    first = request.enter(_PODS[0], "/load", (start_ns, start_ns + _DURATION_NS))
    # The gateway and the first service have made three spans, a call that fails to connect
    # makes one, and every other call makes two.
    times = (first.start_ns, first.end_ns)
    request.call(first, _PODS[1], "/absent", inside(times, 0.1, 0.11), "503", "UH")
    _call_many(rng, request, first, calls=(SPANS - 4) // 2, levels=(DEPTH - 3) // 2)
    return request


def _call_many(
    rng: random.Random, request: Request, caller: SpanDraft, *, calls: int, levels: int
) -> None:
    """Make so many calls, the caller's and those below them, in so many levels at most."""
    branches = calls if levels == 1 else min(calls, rng.randint(2, _MOST_BRANCHES))
    weights = [rng.random() ** 3 for _ in range(branches)]
    shares = [int((calls - branches) * weight / sum(weights)) for weight in weights]
    shares[0] += calls - branches - sum(shares)
    for below in shares:
        length = caller.end_ns - caller.start_ns
        wanted = max(round(length * rng.uniform(0.05, 0.9)), levels * _SHORTEST_CALL_NS)
        start = caller.start_ns + rng.randrange(max(length - wanted, 1))
        callee = rng.choice([pod for pod in _PODS if pod is not caller.pod])
        status = "500" if rng.random() < _SHARE_OF_FAILING else "200"
        called = request.call(caller, callee, "/part", (start, start + wanted), status)
        assert called is not None  # only calls with response flags reach nobody
        if below:
            _call_many(rng, request, called, calls=below, levels=levels - 1)
