"""Apps beside Bookinfo, each with something that the web UI must show well.

Checkout forwards no headers, orders are billed by way of Kafka, recommendations throw, and two
services of the travel agency have names that are not plain ASCII words.
"""

from __future__ import annotations

import random

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.mesh import PODS, Pod, SpanDraft, pod_name
from tests.ui.drafts import (
    CLIENT,
    CONSUMER,
    INTERNAL,
    MILLISECOND,
    PRODUCER,
    SERVER,
    Request,
    Times,
    inside,
    key_values,
)

__all__ = [
    "HTML_OPERATION",
    "HTML_SERVICE",
    "checkout",
    "in_html",
    "in_japanese",
    "order",
    "recommend",
]

HTML_SERVICE = "<b>x</b>"
HTML_OPERATION = "GET /<img src=x onerror=alert(1)>"
_JAPANESE_SERVICE = "予約サービス"
_JAPANESE_OPERATION = "予約を確認する"

_STACK_TRACE = """\
Traceback (most recent call last):
  File "/app/recommendation/views.py", line 41, in products
    return rank(candidates, viewer)
  File "/app/recommendation/ranking.py", line 118, in rank
    weight = model.weights[viewer.segment]
KeyError: 'new-customer'"""


def _pod(app: str, number: int, namespace: str = "shop", workload: str = "") -> Pod:
    name = pod_name(f"{workload or app}-v1", number)
    return Pod(app, namespace, "v1", name, f"10.244.{number % 3}.{number}")


_CHECKOUT = _pod("checkout", 60)
_PAYMENT = _pod("payment", 61)
_ORDERS = _pod("orders", 62)
_BILLING = _pod("billing", 63)
_RECOMMENDATION = _pod("recommendation", 64)
_RESERVATION = _pod(_JAPANESE_SERVICE, 65, "travel", "reservation")
_HTML = _pod(HTML_SERVICE, 66, "travel", "html")


def _times(rng: random.Random, start_ns: int, shortest_ms: int, longest_ms: int) -> Times:
    length = rng.randrange(shortest_ms * MILLISECOND, longest_ms * MILLISECOND)
    return start_ns, start_ns + length


def checkout(rng: random.Random, start_ns: int) -> list[Request]:
    """Draft a purchase: checkout forwards only ``x-request-id``, so its trace ends there."""
    times = _times(rng, start_ns, 40, 200)
    request = Request(rng)
    server = request.enter(_CHECKOUT, "/checkout", times, host="shop.example.com")
    paying = request.call_without_headers(server, _PAYMENT, "/payments", inside(times, 0.3, 0.8))
    return [request, paying]


def order(rng: random.Random, start_ns: int) -> list[Request]:
    """Draft an order, which is billed later: in its trace, or in one that links to it."""
    times = _times(rng, start_ns, 20, 60)
    request = Request(rng)
    server = request.enter(_ORDERS, "/orders", times, host="shop.example.com")
    app = _serve(request, _ORDERS, server, "POST /orders", inside(times, 0.05, 0.95))
    message: dict[str, object] = {
        "messaging.system": "kafka",
        "messaging.destination.name": "orders.created",
        "messaging.kafka.message.offset": rng.randrange(10**6),
    }
    sent = request.app_span(
        _ORDERS,
        app,
        PRODUCER,
        "publish orders.created",
        inside(times, 0.5, 0.6),
        message | {"messaging.operation.type": "publish"},
    )
    received_ns = times[1] + rng.randrange(50, 400) * MILLISECOND
    is_linked = rng.random() < 0.5
    billing = Request(rng) if is_linked else request
    received = (received_ns, received_ns + 30 * MILLISECOND)
    consumer = billing.app_span(
        _BILLING,
        None if is_linked else sent,
        CONSUMER,
        "process orders.created",
        received,
        message | {"messaging.operation.type": "process"},
        links=[request.link(sent)] if is_linked else [],
    )
    billing.app_span(
        _BILLING,
        consumer,
        CLIENT,
        "INSERT invoices",
        inside(received, 0.2, 0.9),
        {
            "db.system.name": "postgresql",
            "db.namespace": "billing",
            "db.query.text": "INSERT INTO invoices (order_id, amount) VALUES ($1, $2)",
            "server.address": "billing-db.shop.svc.cluster.local",
            "server.port": 5432,
        },
    )
    return [request, billing] if is_linked else [request]


def recommend(rng: random.Random, start_ns: int) -> list[Request]:
    """Draft recommendations, whose ranking throws: events, a link, attributes of every type."""
    times = _times(rng, start_ns, 80, 300)
    request = Request(rng)
    server = request.enter(_RECOMMENDATION, "/recommendations", times, "500", "shop.example.com")
    serving = inside(times, 0.02, 0.98)
    app = _serve(request, _RECOMMENDATION, server, "GET /recommendations", serving, 500)
    ratings_times = inside(times, 0.1, 0.5)
    client = request.app_span(
        _RECOMMENDATION,
        app,
        CLIENT,
        "GET",
        ratings_times,
        {
            "http.request.method": "GET",
            "url.full": "http://ratings.bookinfo:9080/ratings/7",
            "server.address": "ratings.bookinfo",
            "server.port": 9080,
            "http.response.status_code": 200,
        },
    )
    # The app's request goes on through its own proxy, below the app's span.
    caller = SpanDraft(
        _RECOMMENDATION, client.span_id, app.span_id, "GET", CLIENT, *ratings_times, False, 257, {}
    )
    request.call(caller, PODS["ratings-v1"][0], "/ratings/7", inside(ratings_times, 0.02, 0.98))
    ranking = inside(times, 0.55, 0.9)
    thrown_ns = inside(ranking, 0.9, 1.0)[0]
    request.app_span(
        _RECOMMENDATION,
        app,
        INTERNAL,
        "rank products",
        ranking,
        {
            "candidates": 1250,
            "weight": 0.125,
            "is_new_customer": True,
            "model": "ranker-7",
            "largest": 2**63 - 1,
            "payload": b"\x00\x01\xfe\xff",
            "shelves": ["comedy", "tragedy", "history"],
            "scores": [0.5, 0.25, 0.0625],
            "viewer": {"segment": "new-customer", "languages": ["en", "ja"], "visits": 3},
            "nothing": None,
            "empty": "",
            "query": "SELECT *\nFROM products\nWHERE shelf = 'comedy' -- " + "long " * 200,
        },
        error="KeyError: 'new-customer'",
        events=[
            Span.Event(
                time_unix_nano=ranking[0] + MILLISECOND,
                name="candidates loaded",
                attributes=key_values({"count": 1250, "from_cache": False}),
            ),
            Span.Event(
                time_unix_nano=thrown_ns,
                name="exception",
                attributes=key_values(
                    {
                        "exception.type": "KeyError",
                        "exception.message": "'new-customer'",
                        "exception.stacktrace": _STACK_TRACE,
                        "exception.escaped": True,
                    }
                ),
            ),
        ],
        links=[request.link(app, reason="the request that warmed the cache")],
    )
    return [request]


def in_japanese(rng: random.Random, start_ns: int) -> list[Request]:
    """Draft a reservation at a service that is named in Japanese."""
    request = Request(rng)
    times = _times(rng, start_ns, 30, 90)
    root = _serve(request, _RESERVATION, None, _JAPANESE_OPERATION, times)
    request.app_span(
        _RESERVATION,
        root,
        INTERNAL,
        "空室を検索する",
        inside(times, 0.1, 0.6),
        {"宿": "京都の旅館", "人数": 2},
    )
    return [request]


def in_html(rng: random.Random, start_ns: int) -> list[Request]:
    """Draft a request to a service whose name would be markup if it were not shown as text."""
    request = Request(rng)
    times = _times(rng, start_ns, 5, 20)
    attributes = {"note": "</script><script>alert(2)</script>", "<i>key</i>": "&lt;not markup&gt;"}
    request.app_span(_HTML, None, SERVER, HTML_OPERATION, times, attributes)
    return [request]


def _serve(
    request: Request,
    pod: Pod,
    parent: SpanDraft | None,
    name: str,
    times: Times,
    status: int = 200,
) -> Span:
    attributes: dict[str, object] = {
        "http.request.method": name.partition(" ")[0] if " " in name else "GET",
        "http.route": name.partition(" ")[2] or "/",
        "http.response.status_code": status,
        "network.protocol.version": "1.1",
    }
    error = "Internal Server Error" if status >= 500 else ""
    return request.app_span(pod, parent, SERVER, name, times, attributes, error=error)
