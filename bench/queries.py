"""Asks the query API many different questions, times the answers, and checks every one.

One connection with keep-alive asks one question after the other; a latency runs from sending
the request to the last byte of its answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import aiohttp
import msgspec

from bench.expected import Dataset, StoredTrace
from bench.mesh import PRODUCTS, TENANTS, SpanDraft
from bench.quantiles import Quantiles
from bench.service import Address

__all__ = ["KINDS", "KindResult", "WrongAnswer", "ask", "count_stored", "questions"]

_LIMIT = 20
_MINUTE_NS = 60_000_000_000
_WARM_UP = 10
_MOST = 10_000  # questions of a kind

_Choice = TypeVar("_Choice")


class WrongAnswer(Exception):
    """The service answered something that differs from what was sent to it."""


class _Summary(msgspec.Struct):
    trace_id: str
    span_count: int
    error_count: int


class _Search(msgspec.Struct):
    traces: list[_Summary]


class _Span(msgspec.Struct):
    span_id: str


class _Trace(msgspec.Struct):
    spans: list[_Span]


class _RequestTraces(msgspec.Struct):
    traces: list[_Trace]


class _Bucket(msgspec.Struct):
    span_count: int


class _Histogram(msgspec.Struct):
    buckets: list[_Bucket]


@dataclass(frozen=True, slots=True)
class Question:
    """One request and the answer that is right.

    Attributes:
        path: below ``/api/v1``.
        parameters: of the query string.
        status: the HTTP status expected.
        check: raises WrongAnswer (or msgspec's DecodeError) on a body that is not right.
    """

    path: str
    parameters: tuple[tuple[str, str], ...]
    status: int
    check: Callable[[bytes], None]

    def verify(self, status: int, body: bytes) -> None:
        """Raise WrongAnswer or DecodeError unless this is the right answer."""
        if status != self.status:
            raise WrongAnswer(f"status {status} instead of {self.status}: {body[:500]!r}")
        self.check(body)


@dataclass(frozen=True, slots=True)
class KindResult:
    """One kind of question: how many were asked and how long the answers took (seconds)."""

    kind: str
    asked: int
    latency: Quantiles


def _trace_by_id(rng: random.Random, data: Dataset) -> Iterator[Question]:
    for number in rng.sample(range(data.trace_count), min(data.trace_count, _MOST)):
        trace = data.trace(number)
        yield Question(f"/traces/{trace.trace_id}", (), 200, _has_spans(trace))


def _unknown_id(rng: random.Random, data: Dataset) -> Iterator[Question]:
    while True:
        yield Question(f"/traces/{rng.getrandbits(128):032x}", (), 404, lambda _: None)


def _request_id(rng: random.Random, data: Dataset) -> Iterator[Question]:
    for number in rng.sample(range(data.trace_count), min(data.trace_count, _MOST)):
        trace = data.trace(number)
        yield Question(f"/requests/{trace.request_id}", (), 200, _has_request(trace))


def _service(rng: random.Random, data: Dataset) -> Iterator[Question]:
    for service in _forever(rng, sorted({s.pod.service_name for s in _spans(data)})):
        yield _search(data, _window(rng, data), service=service)


def _service_and_tag(rng: random.Random, data: Dataset) -> Iterator[Question]:
    choices = [
        ("productpage.bookinfo", "response_flags", "UF"),
        ("productpage.bookinfo", "http.status_code", "503"),
        ("details.bookinfo", "http.status_code", "500"),
        ("ratings.bookinfo", "http.status_code", "500"),
        ("reviews.bookinfo", "istio.canonical_revision", "v2"),
        ("istio-ingressgateway.istio-system", "user_agent", "curl/8.16.0"),
    ]
    for service, key, value in _forever(rng, choices):
        yield _search(data, _window(rng, data), service=service, tag=(key, value))


def _tag(rng: random.Random, data: Dataset) -> Iterator[Question]:
    for product in rng.sample(range(PRODUCTS), PRODUCTS):
        url = f"http://details:9080/details/{product}"
        yield _search(data, (data.base_ns, data.end_ns), tag=("http.url", url))


def _custom_tag(rng: random.Random, data: Dataset) -> Iterator[Question]:
    for tenant in rng.sample(range(TENANTS), TENANTS):
        value = f"tenant-{tenant:03}"
        yield _search(data, (data.base_ns, data.end_ns), tag=("tenant", value))


_MAKERS: dict[str, Callable[[random.Random, Dataset], Iterator[Question]]] = {
    "trace by id": _trace_by_id,
    "unknown trace id": _unknown_id,
    "by service": _service,
    "by service and tag": _service_and_tag,
    "by tag alone": _tag,
    "by custom tag alone": _custom_tag,
    "by request id": _request_id,
}
KINDS = tuple(_MAKERS)


def questions(kind: str, data: Dataset, seed: int) -> Iterator[Question]:
    """Yield distinct random questions of one of KINDS, with their right answers."""
    return _MAKERS[kind](random.Random(f"{seed} {kind}"), data)


async def ask(
    address: Address, data: Dataset, number: int, seed: int, kinds: Iterable[str] = KINDS
) -> list[KindResult]:
    """Ask ``number`` questions of each kind after a few unmeasured ones. Raises WrongAnswer."""
    results = []
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(f"http://{address}", connector=connector) as session:
        for kind in kinds:
            seconds: list[float] = []
            for place, question in zip(
                range(_WARM_UP + number), questions(kind, data, seed), strict=False
            ):
                elapsed = await _ask_one(session, kind, question)
                if place >= _WARM_UP:
                    seconds.append(elapsed)
            results.append(KindResult(kind, len(seconds), Quantiles.of(seconds)))
    return results


async def count_stored(address: Address, from_ns: int, to_ns: int) -> int:
    """Count the spans in the store that start in [from, to), by the API's histogram."""
    parameters = {"from": str(from_ns), "to": str(to_ns)}
    async with (
        aiohttp.ClientSession(f"http://{address}") as session,
        session.get("/api/v1/search/histogram", params=parameters) as answer,
    ):
        body = await answer.read()
        if answer.status != 200:
            raise WrongAnswer(f"the histogram answered {answer.status}: {body[:500]!r}")
    return sum(bucket.span_count for bucket in msgspec.json.decode(body, type=_Histogram).buckets)


async def _ask_one(session: aiohttp.ClientSession, kind: str, question: Question) -> float:
    started = time.perf_counter()
    path = f"/api/v1{question.path}"
    async with session.get(path, params=question.parameters) as answer:
        body = await answer.read()
    elapsed = time.perf_counter() - started
    try:
        question.verify(answer.status, body)
    except (WrongAnswer, msgspec.DecodeError) as error:
        raise WrongAnswer(f"{kind}: GET {answer.url}: {error}") from error
    return elapsed


def _search(
    data: Dataset, window: tuple[int, int], service: str = "", tag: tuple[str, str] = ("", "")
) -> Question:
    key, value = tag

    def condition(span: SpanDraft) -> bool:
        return (not service or span.pod.service_name == service) and (
            not key or span.attributes.get(key) == value
        )

    expected = data.newest(condition, *window, _LIMIT)
    parameters = [("from", str(window[0])), ("to", str(window[1])), ("limit", str(_LIMIT))]
    if service:
        parameters.append(("service", service))
    if key:
        parameters.append(("attribute", f"{key}={value}"))
    return Question("/traces", tuple(parameters), 200, _has_summaries(expected))


def _has_spans(trace: StoredTrace) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        _compare_spans(msgspec.json.decode(body, type=_Trace), trace)

    return check


def _has_request(trace: StoredTrace) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        answer = msgspec.json.decode(body, type=_RequestTraces)
        if len(answer.traces) != 1:
            raise WrongAnswer(f"{len(answer.traces)} traces instead of one")
        _compare_spans(answer.traces[0], trace)

    return check


def _compare_spans(answer: _Trace, trace: StoredTrace) -> None:
    ids = [span.span_id for span in answer.spans]
    if len(ids) != len(trace.span_ids) or set(ids) != trace.span_ids:
        raise WrongAnswer(f"spans {sorted(ids)} instead of {sorted(trace.span_ids)}")


def _has_summaries(expected: list[StoredTrace]) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        answer = msgspec.json.decode(body, type=_Search)
        got = [(each.trace_id, each.span_count, each.error_count) for each in answer.traces]
        right = [(each.trace_id, len(each.span_ids), each.error_count) for each in expected]
        for place, got_one, right_one in zip(count(), got, right, strict=False):
            if got_one != right_one:
                raise WrongAnswer(f"place {place} holds {got_one} instead of {right_one}")
        if len(got) != len(right):
            raise WrongAnswer(f"{len(got)} traces instead of {len(right)}")

    return check


def _window(rng: random.Random, data: Dataset) -> tuple[int, int]:
    length = rng.randrange(5 * _MINUTE_NS, 60 * _MINUTE_NS)
    to_ns = rng.randrange(data.base_ns + 10 * _MINUTE_NS, data.end_ns)
    return to_ns - length, to_ns


def _spans(data: Dataset) -> Iterator[SpanDraft]:
    return (span for trace in data.template.traces for span in trace.spans)


def _forever(rng: random.Random, choices: Sequence[_Choice]) -> Iterator[_Choice]:
    while True:
        yield rng.choice(choices)
