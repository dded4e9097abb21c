"""Runs `spanloom serve` as a user would, and watches its processes from outside."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import msgspec
import psutil
from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Address", "MemoryPeak", "Service", "Watch"]

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 120.0
_POLL_S = 0.1
STORED = "otelcol_exporter_sent_spans_total"
ACCEPTED = "otelcol_receiver_accepted_spans_total"


@dataclass(frozen=True, slots=True)
class Address:
    """A listening address."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Parse ``HOST:PORT``."""
        host, _, port = text.rpartition(":")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


_FREE_PORT = Address("127.0.0.1", 0)


class _Ready(msgspec.Struct):
    """The line that `spanloom serve` prints when it listens."""

    addresses: dict[str, str]


@dataclass(frozen=True, slots=True)
class MemoryPeak:
    """The most memory that all processes of the service had at one time, bytes.

    Attributes:
        rss: sum of their resident sizes; pages that they share count for each of them.
        pss: sum of their proportional sizes; shared pages count once.
    """

    rss: int
    pss: int


class Service:
    """A running service with a data directory of its own; a context manager.

    Args:
        work: existing directory for the data directory (``data``) and the log (``serve.log``).
        arguments: more arguments for `spanloom serve`.
    """

    def __init__(self, work: Path, arguments: tuple[str, ...] = ()) -> None:
        self.data_dir = work / "data"
        self._log = work / "serve.log"
        self._arguments = arguments
        self.grpc = self.http = self.query = self.metrics = _FREE_PORT
        self._process: subprocess.Popen[bytes] | None = None
        self._roles: dict[psutil.Process, str] = {}

    def __enter__(self) -> Service:
        command = [sys.executable, "-m", "spanloom", "serve", "--data-dir", str(self.data_dir)]
        for part in (
            "--otlp-grpc",
            "--otlp-http",
            "--query",
            "--jaeger-grpc",
            "--health",
            "--metrics",
        ):
            command += [part, str(_FREE_PORT)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        try:
            addresses = self._wait_until_ready()
            self.grpc = Address.parse(addresses["otlp/grpc"])
            self.http = Address.parse(addresses["otlp/http"])
            self.query = Address.parse(addresses["query"])
            self.metrics = Address.parse(addresses["metrics"])
            self._roles = self._find_roles()
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the service as an operator would (SIGTERM); kill what is left after two minutes.

        Raises RuntimeError if it did not exit with 0 by itself. Safe to call twice.
        """
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            code: int | None = process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = None
        self._kill()
        if code != 0:
            said = "did not stop" if code is None else f"exited with {code}"
            raise RuntimeError(f"spanloom serve {said}:\n{self._log_tail()}")

    def _kill(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        with contextlib.suppress(ProcessLookupError):  # the whole group has ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far, user and system, by role."""
        seconds: dict[str, float] = {}
        for process, role in self._roles.items():
            times = process.cpu_times()
            seconds[role] = seconds.get(role, 0.0) + times.user + times.system
        return seconds

    def memory(self) -> MemoryPeak:
        """Memory of all processes now."""
        sizes = [process.memory_full_info() for process in self._roles]
        return MemoryPeak(sum(size.rss for size in sizes), sum(size.pss for size in sizes))

    def counter(self, name: str) -> float:
        """A counter of the service's own metrics, summed over its labels; 0 if not there yet."""
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name
        )

    def wait_until_stored(self, spans: int, timeout_s: float) -> float:
        """Wait until ``spans`` spans were written since the start; return time.monotonic() then.

        Raises RuntimeError if that takes longer than ``timeout_s`` seconds.
        """
        deadline = time.monotonic() + timeout_s
        while (stored := self.counter(STORED)) < spans:
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"of {spans} acked spans only {stored:.0f} were stored within "
                    f"{timeout_s:.0f} s:\n{self._log_tail()}"
                )
            time.sleep(_POLL_S)
        return time.monotonic()

    def _wait_until_ready(self) -> dict[str, str]:
        """Return the addresses of the ready line."""
        assert self._process is not None
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], _START_TIMEOUT_S)
        line = self._process.stdout.readline() if readable else b""
        if not line:
            raise RuntimeError(f"spanloom serve did not become ready:\n{self._log_tail()}")
        return msgspec.json.decode(line, type=_Ready).addresses

    def _find_roles(self) -> dict[psutil.Process, str]:
        """Name the processes by what they listen on."""
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        roles = {}
        for process in [main, *main.children(recursive=True)]:
            ports = {
                each.laddr.port
                for each in process.net_connections("tcp")
                if each.status == psutil.CONN_LISTEN
            }
            receives = bool(ports & {self.grpc.port, self.http.port})
            stores = self.query.port in ports
            match receives, stores:
                case True, True:
                    roles[process] = "receiver and store"
                case True, False:
                    roles[process] = "receivers"
                case False, True:
                    roles[process] = "store"
                case _:
                    roles[process] = "other"
        return roles

    def _log_tail(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


class Watch:
    """Samples the service's memory on a thread until it is left; a context manager."""

    def __init__(self, service: Service, interval_s: float = 0.5) -> None:
        self._service = service
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")
        self.peak = MemoryPeak(0, 0)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            try:
                now = self._service.memory()
            except psutil.NoSuchProcess:  # the service died; whoever drives the load reports it
                return
            self.peak = MemoryPeak(max(self.peak.rss, now.rss), max(self.peak.pss, now.pss))
