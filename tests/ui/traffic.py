"""The traffic that the web UI's tests look at: a small mesh's last hour and a quarter.

Seeded, so ids, names and outcomes are the same every time; times end shortly before a given now.
"""

from __future__ import annotations

import random
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.ui.apps import checkout, in_html, in_japanese, order, recommend
from tests.ui.bookinfo import product_page, with_missing_parent, with_skewed_clock
from tests.ui.drafts import Request, Trace
from tests.ui.large_trace import large_trace

__all__ = ["REQUESTS_OF_LAST_QUARTER", "Traffic", "any_request", "send", "traffic"]

REQUESTS_OF_LAST_QUARTER = 400
_REQUESTS_OF_HOUR_BEFORE = 200
_SEED = 20_251_121
_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_LONGEST_REQUEST_NS = 5 * _SECOND
_EXPORT_BYTES = 500_000

_KINDS: tuple[tuple[int, Callable[[random.Random, int], list[Request]]], ...] = (
    (72, lambda rng, start_ns: [product_page(rng, start_ns)]),
    (10, checkout),
    (8, order),
    (5, recommend),
    (3, in_japanese),
    (2, in_html),
)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was drafted.

    Attributes:
        traces: all of them; a request whose headers got lost has two.
        failing: a product page whose reviews v2 found no healthy endpoint of ratings.
        slow: a product page with reviews v3; with ``failing`` a pair to compare.
        large: 10,000 spans, forty minutes ago, so that graphs of the last quarter stay small.
        missing_parent: a product page that lacks a SERVER span of reviews.
        skewed: a product page in which the clock of reviews is ahead.
        throwing: spans of an SDK with an exception, a link and attributes of every type.
        unforwarded: checkout forwards only its request id, which another trace has too.
        japanese: of a service with a Japanese name.
        html: of a service with markup in its name.
    """

    traces: tuple[Trace, ...]
    failing: Trace
    slow: Trace
    large: Trace
    missing_parent: Trace
    skewed: Trace
    throwing: Trace
    unforwarded: Trace
    japanese: Trace
    html: Trace

    @property
    def span_count(self) -> int:
        """Spans of all traces."""
        return sum(trace.span_count for trace in self.traces)


def any_request(rng: random.Random, start_ns: int) -> list[Trace]:
    """Draft any one request that starts at ``start_ns``, nanoseconds since 1970."""
    weights = [weight for weight, _ in _KINDS]
    ((_, draft),) = rng.choices(_KINDS, weights)
    return [request.finished() for request in draft(rng, start_ns)]


def traffic(now_ns: int) -> Traffic:
    """Draft all traffic before ``now_ns``, nanoseconds since 1970."""
    rng = random.Random(_SEED)
    drafted = {
        "failing": [product_page(rng, now_ns - 3 * _MINUTE, version="v2", failing=True)],
        "slow": [product_page(rng, now_ns - 4 * _MINUTE, version="v3", failing=False)],
        "missing_parent": [with_missing_parent(rng, now_ns - 5 * _MINUTE)],
        "skewed": [with_skewed_clock(rng, now_ns - 6 * _MINUTE)],
        "throwing": recommend(rng, now_ns - 7 * _MINUTE),
        "unforwarded": checkout(rng, now_ns - 8 * _MINUTE),
        "japanese": in_japanese(rng, now_ns - 9 * _MINUTE),
        "html": in_html(rng, now_ns - 10 * _MINUTE),
        "large": [large_trace(rng, now_ns - 40 * _MINUTE)],
    }
    named = {name: [each.finished() for each in group] for name, group in drafted.items()}
    traces = [trace for group in named.values() for trace in group]
    quarter_ns = now_ns - 15 * _MINUTE
    for from_ns, to_ns, count in (
        (quarter_ns - 60 * _MINUTE, quarter_ns, _REQUESTS_OF_HOUR_BEFORE),
        (quarter_ns, now_ns - _LONGEST_REQUEST_NS, REQUESTS_OF_LAST_QUARTER),
    ):
        for start_ns in sorted(rng.randrange(from_ns, to_ns) for _ in range(count)):
            traces += any_request(rng, start_ns)
    return Traffic(tuple(traces), **{name: group[0] for name, group in named.items()})


def send(otlp_http: str, traces: Iterable[Trace]) -> None:
    """Export the traces over HTTP, as Envoy would.

    Args:
        otlp_http: the receiver's URL, without a path.
        traces: any number; several go in one request.

    Raises:
        urllib.error.HTTPError: an export was refused.
    """
    for body in _bodies(traces):
        export = urllib.request.Request(
            f"{otlp_http}/v1/traces",
            data=body,
            headers={
                "content-type": "application/x-protobuf",
                "user-agent": "OTel-OTLP-Exporter-Envoy/0/1.40.0/Clean/RELEASE/BoringSSL",
            },
        )
        with urllib.request.urlopen(export, timeout=30) as answer:
            answer.read()


def _bodies(traces: Iterable[Trace]) -> Iterator[bytes]:
    body = bytearray()
    for trace in traces:
        for export in trace.exports:
            body += export
            if len(body) >= _EXPORT_BYTES:
                yield bytes(body)
                body.clear()
    if body:
        yield bytes(body)
