"""How evenly a trace of ten thousand spans scrolls on the trace's page, in a real browser."""

from __future__ import annotations

import math
import random
import shutil
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from bench.mesh import PODS, RequestDraft, SpanDraft, TraceDraft
from bench.service import Address, Service
from bench.settings import Settings
from bench.spans import encode_request
from bench.stores import Stores

__all__ = ["FRAME_MS", "FrameTimes", "measure_trace_page"]

FRAME_MS = 1000 / 60
"""Of a display of 60 Hz."""

_SPANS = 10_000
_SPANS_PER_EXPORT = 500
_TRACE_NS = 3_000_000_000
_STORE_TIMEOUT_S = 120.0
_OPEN_TIMEOUT_MS = 120_000
_ROW = "[role=row]"
# Slow enough to read along, as fast as a wheel goes, and faster than anybody reads.
_PIXELS_PER_FRAME = (8, 30, 120)
_FRAMES = 600
_CHROMIUM = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

_SCROLL = """([pixels, frames]) => new Promise((done) => {
  const scroller = document.querySelector("[role=treegrid]").parentElement;
  scroller.scrollTop = 0;
  const times = [];
  let last;
  const step = (now) => {
    if (last !== undefined) times.push(now - last);
    last = now;
    scroller.scrollTop += pixels;
    if (times.length < frames) requestAnimationFrame(step);
    else done([times, scroller.scrollTop]);
  };
  requestAnimationFrame(step);
})"""


@dataclass(frozen=True, slots=True)
class FrameTimes:
    """What scrolling at one speed took, milliseconds a frame; the display wants 60 a second.

    Attributes:
        pixels_per_frame: the speed.
        frames: that were timed.
    """

    pixels_per_frame: int
    frames: int
    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, pixels_per_frame: int, times_ms: Sequence[float]) -> FrameTimes:
        """Return the quantiles by nearest rank."""
        ordered = sorted(times_ms)

        def rank(share: float) -> float:
            return ordered[max(math.ceil(share * len(ordered)), 1) - 1]

        return cls(pixels_per_frame, len(ordered), rank(0.5), rank(0.95), ordered[-1])


def measure_trace_page(settings: Settings, stores: Stores, work: Path) -> Iterator[FrameTimes]:
    """Store a trace of 10,000 spans, open its page in Chromium and scroll it at three speeds.

    Raises RuntimeError if there is no Chromium, or if the page does not show the trace.
    """
    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("no chromium on PATH: install it, for example by apt-get")
    work.mkdir(parents=True)
    trace = _draft(random.Random(settings.seed), time.time_ns() - 60_000_000_000)
    with (
        stores.fresh() as store,
        Service(work, (*settings.serve_arguments, *store.arguments)) as service,
    ):
        pairs = [(trace.trace_id, span) for span in trace.spans]
        for first in range(0, len(pairs), _SPANS_PER_EXPORT):
            _export(service.http, encode_request(pairs[first : first + _SPANS_PER_EXPORT]))
        service.wait_until_stored(_SPANS, _STORE_TIMEOUT_S)
        address = f"http://{service.query}/trace/{trace.trace_id.hex()}"
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=executable, args=list(_CHROMIUM)
                )
                page = chromium.new_page(viewport={"width": 1440, "height": 900})
                page.goto(address)
                page.wait_for_selector(_ROW, timeout=_OPEN_TIMEOUT_MS)
                for pixels in _PIXELS_PER_FRAME:
                    yield _scroll(page, pixels)
        except Error as error:
            raise RuntimeError(f"the page of the trace failed: {error.message}") from error


def _scroll(page: Page, pixels: int) -> FrameTimes:
    times, reached = page.evaluate(_SCROLL, [pixels, _FRAMES])
    if reached < pixels * _FRAMES / 2:
        raise RuntimeError(f"the timeline scrolled {reached:.0f} pixels only: are all rows there?")
    return FrameTimes.of(pixels, times)


def _export(address: Address, body: bytes) -> None:
    export = urllib.request.Request(
        f"http://{address}/v1/traces", body, {"content-type": "application/x-protobuf"}
    )
    with urllib.request.urlopen(export, timeout=30) as answer:
        answer.read()


def _draft(rng: random.Random, start_ns: int) -> TraceDraft:
    """Draft calls below calls, at random, until there are enough spans."""
    request = RequestDraft(rng)
    pods = [pod for group in PODS.values() for pod in group]
    tags = request.listener_tags(pods[0], "203.0.113.7", "http://bench.example.com/", "bench")
    times = (start_ns, start_ns + _TRACE_NS)
    root = request.span(pods[0], None, 2, "bench.example.com:80/*", times, tags, "200")
    callers: list[SpanDraft] = [root]
    while len(request.spans) < _SPANS - 1:
        caller = rng.choice(callers[-200:])
        length = caller.end_ns - caller.start_ns
        start = caller.start_ns + rng.randrange(length // 4)
        end = start + rng.randrange(length // 4, length // 2)
        called = request.call(caller, rng.choice(pods), "/", (start, end))
        assert called is not None  # only calls with response flags reach nobody
        if called.end_ns - called.start_ns > _TRACE_NS // 1000:
            callers.append(called)
    request.span(pods[0], root, 3, "bench.example.com:80/last", times, tags, "200")
    return TraceDraft(request.trace_id, request.request_id, tuple(request.spans))
