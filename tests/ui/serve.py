"""Runs a service with a mesh's traffic in it, for people who work on the web UI.

    python -m tests.ui.serve --port 16686

The traffic goes on until Ctrl-C, so "the last 15 minutes" are never empty. The traces that
:class:`tests.ui.traffic.Traffic` names have the same ids every time.
"""

from __future__ import annotations

import dataclasses
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click

from tests.ui.drafts import Trace
from tests.ui.served import Served, start
from tests.ui.traffic import any_request, send

_SECOND = 1_000_000_000
_INTERVAL_S = 1.0
_REQUESTS_PER_INTERVAL = 3
_PARTS = ("query", "otlp/grpc", "otlp/http", "health", "metrics", "jaeger/grpc")


@click.command()
@click.option(
    "--port",
    default=16686,
    show_default=True,
    help="of the query API and the UI; five more follow it",
)
def serve(port: int) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    addresses = {part: f"127.0.0.1:{port + offset}" for offset, part in enumerate(_PARTS)}
    with tempfile.TemporaryDirectory(prefix="spanloom-ui-") as directory:
        served = start(Path(directory) / "data", addresses)
        try:
            served.fill()
            for line in _described(served):
                click.echo(line)
            _go_on(served, stopping)
        finally:
            served.service.stop()


def _described(served: Served) -> Iterator[str]:
    yield served.url
    assert served.traffic is not None
    for field in dataclasses.fields(served.traffic):
        trace = getattr(served.traffic, field.name)
        if isinstance(trace, Trace):
            yield f"{field.name:15} {served.url}/trace/{trace.trace_id}"


def _go_on(served: Served, stopping: threading.Event) -> None:
    """Send a few requests that began just now, every interval."""
    rng = random.Random(time.time_ns())
    while not stopping.wait(_INTERVAL_S):
        begin_ns = time.time_ns() - 5 * _SECOND
        starts = [begin_ns + rng.randrange(_SECOND) for _ in range(_REQUESTS_PER_INTERVAL)]
        send(served.service.http, (trace for at in starts for trace in any_request(rng, at)))


if __name__ == "__main__":
    serve()
