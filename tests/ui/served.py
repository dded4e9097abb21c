"""A service of its own with the traffic of :mod:`tests.ui.traffic` in it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.end_to_end.serving import Serving
from tests.ui.traffic import Traffic, send, traffic

__all__ = ["Served", "start"]

_STORED = "otelcol_exporter_sent_spans_total"
_FILL_TIMEOUT_S = 90
_QUARTER_NS = 15 * 60 * 1_000_000_000


class Served:
    """A running service as a browser sees it.

    Attributes:
        service: its process.
        traffic: what it holds; None if it holds nothing.
        filled_ns: when its traffic ended, nanoseconds since 1970; 0 if it holds none.
    """

    def __init__(self, service: Serving) -> None:
        self.service = service
        self.traffic: Traffic | None = None
        self.filled_ns = 0

    @property
    def url(self) -> str:
        """Of the query API and the UI, without a trailing slash."""
        return f"http://{self.service.addresses['query']}"

    @property
    def quarter(self) -> str:
        """Query parameters of its traffic's last quarter of an hour, whenever a test runs."""
        return f"from={self.filled_ns - _QUARTER_NS}&to={self.filled_ns}"

    def fill(self) -> None:
        """Send the traffic and wait until all of it can be searched.

        Graphs are whole from then on too: what is not rolled up yet is computed from spans.
        """
        self.filled_ns = time.time_ns()
        self.traffic = traffic(self.filled_ns)
        send(self.service.http, self.traffic.traces)
        self.service.eventually(self._is_stored, _FILL_TIMEOUT_S)

    def _is_stored(self) -> bool:
        assert self.traffic is not None
        return self.service.metric(_STORED) >= self.traffic.span_count


def start(data_dir: Path, addresses: dict[str, str] | None = None) -> Served:
    """Start an empty service; one receiver process is enough beside a browser."""
    return Served(Serving(data_dir, "--workers", "1", addresses=addresses))
