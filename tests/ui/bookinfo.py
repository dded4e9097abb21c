"""Views of Bookinfo's product page, whose ratings often fail for reviews v2."""

from __future__ import annotations

import random
from dataclasses import replace

from bench.mesh import PODS, Pod, SpanDraft, pod_name
from tests.ui.drafts import CLIENT, MILLISECOND, SERVER, Request, Times, inside

__all__ = ["product_page", "with_missing_parent", "with_skewed_clock"]

_DETAILS_IN_EAST = Pod("details", "bookinfo", "v1", pod_name("details-v1", 90), f"10.245.{1}.{90}")
_LONGEST_MS = {"v1": 60, "v2": 140, "v3": 1500}
_SHARE_OF_FAILING = 0.25
_SHARE_OF_ABSENT = 0.03
_SHARE_OF_EAST = 0.2


def product_page(
    rng: random.Random,
    start_ns: int,
    *,
    version: str | None = None,
    failing: bool | None = None,
) -> Request:
    """Draft a page view; reviews v3 is slow.

    Args:
        rng: decides what is not told.
        start_ns: when the gateway gets the request, nanoseconds since 1970.
        version: of reviews.
        failing: whether ratings has no healthy endpoint, so that the page fails; when not
            told, some of reviews v2's calls of ratings fail, and half of the pages with them.
    """
    version = version or rng.choice(("v1", "v2", "v3"))
    longest = _LONGEST_MS[version]
    milliseconds = rng.randrange(longest // 3, longest)
    times = (start_ns, start_ns + milliseconds * MILLISECOND + rng.randrange(MILLISECOND))
    without_ratings = failing
    if failing is None:
        without_ratings = version == "v2" and rng.random() < _SHARE_OF_FAILING
        failing = without_ratings and rng.random() < 0.5
    status = "503" if failing else "200"

    request = Request(rng)
    page_pod = rng.choice(PODS["productpage-v1"])
    page = request.enter(page_pod, "/productpage", times, status, host="bookinfo.example.com")

    details_pod = rng.choice(PODS["details-v1"])
    if rng.random() < _SHARE_OF_EAST:
        details_pod = _DETAILS_IN_EAST
    found = "404" if rng.random() < _SHARE_OF_ABSENT else "200"
    path = f"/details/{request.product}"
    request.call(page, details_pod, path, inside(times, 0.05, 0.3), found)

    reviews_pod = rng.choice(PODS[f"reviews-{version}"])
    path = f"/reviews/{request.product}"
    reviews = request.call(page, reviews_pod, path, inside(times, 0.33, 0.95), status)
    if version != "v1" and reviews is not None:
        # v3 is slow by itself, not because of ratings.
        window = (0.85, 0.92) if version == "v3" else (0.4, 0.9)
        _rate(request, reviews, inside(times, *window), without_ratings=bool(without_ratings))
    return request


def _rate(request: Request, reviews: SpanDraft, times: Times, *, without_ratings: bool) -> None:
    pod, path = PODS["ratings-v1"][request.product % 4], f"/ratings/{request.product}"
    if without_ratings:
        request.call(reviews, pod, path, inside(times, 0.0, 0.1), "503", "UH")
        return
    ratings = request.call(reviews, pod, path, times)
    assert ratings is not None
    app = request.app_span(
        pod,
        ratings,
        SERVER,
        "GET /ratings/{product}",
        inside(times, 0.2, 0.8),
        {
            "http.request.method": "GET",
            "http.route": "/ratings/{product}",
            "http.response.status_code": 200,
            "url.path": path,
        },
    )
    # The database reports nothing: only its caller tells of it.
    request.app_span(
        pod,
        app,
        CLIENT,
        "SELECT ratings",
        inside(times, 0.3, 0.7),
        {
            "db.system.name": "mysql",
            "db.namespace": "bookinfo",
            "db.operation.name": "SELECT",
            "db.query.text": "SELECT reviewer, stars FROM ratings WHERE product = ?",
            "server.address": "mysqldb.bookinfo.svc.cluster.local",
            "server.port": 3306,
        },
    )


def with_missing_parent(rng: random.Random, start_ns: int) -> Request:
    """Draft a page view of which reviews' SERVER span never arrives."""
    request = product_page(rng, start_ns, version="v3", failing=False)
    lost = next(span for span in request.spans if span.pod.app == "reviews")
    request.spans.remove(lost)
    return request


def with_skewed_clock(rng: random.Random, start_ns: int) -> Request:
    """Draft a page view in which the clock of reviews is 700 ms ahead."""
    request = product_page(rng, start_ns, version="v3", failing=False)
    ahead_ns = 700 * MILLISECOND
    request.spans[:] = [
        replace(span, start_ns=span.start_ns + ahead_ns, end_ns=span.end_ns + ahead_ns)
        if span.pod.app == "reviews"
        else span
        for span in request.spans
    ]
    return request
