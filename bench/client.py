"""Compiles the load client (``load.c``) and runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.service import Address

__all__ = ["Latency", "Load", "LoadClient", "LoadResult", "Protocol", "finish"]

_SOURCES = ("load.c", "connection.c")
_INSTALL = "apt-get install -y gcc libc6-dev libnghttp2-dev"


class Protocol(StrEnum):
    """The two transports of OTLP."""

    GRPC = "grpc"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        bodies: file that :meth:`bench.spans.Template.write` wrote.
        seed, base_ns, round_ns: of the rounds (:class:`bench.spans.Round`).
        connections: of HTTP/2 or HTTP/1.1.
        streams: requests in flight on one HTTP/2 connection; HTTP/1.1 has one.
        seconds: stop starting requests after this long; 0 for no such end.
        requests: stop after this many; 0 for no such end.
        rate: requests a second on a fixed schedule; 0 sends as fast as answers come.
        first: number of the first request, so that loads of one seed can follow each other.
        retry: send refused requests again, as an SDK does and Envoy does not.
    """

    bodies: Path
    seed: int
    base_ns: int
    round_ns: int
    connections: int = 8
    streams: int = 10
    seconds: float = 0
    requests: int = 0
    rate: float = 0
    first: int = 0
    retry: bool = False

    def arguments(self) -> list[str]:
        """The load client's command line for this load."""
        values: dict[str, object] = {
            "bodies": self.bodies,
            "seed": self.seed,
            "base-ns": self.base_ns,
            "round-ns": self.round_ns,
            "connections": self.connections,
            "streams": self.streams,
            "seconds": self.seconds,
            "requests": self.requests,
            "rate": self.rate,
            "first": self.first,
        }
        flags = [part for name, value in values.items() for part in (f"--{name}", str(value))]
        return [*flags, "--retry"] if self.retry else flags


@dataclass(frozen=True, slots=True)
class Latency:
    """Quantiles of the time from due to acked, seconds."""

    p50: float
    p90: float
    p99: float
    p999: float
    max: float


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the load client saw.

    Attributes:
        requests: started; ``acked_requests`` of them were acked, with ``acked_spans`` spans.
        partial: acks that carried a partial success.
        sent_again: requests repeated after a refusal or a lost connection.
        sent_bytes: on the wire.
        grpc_status, http_status: answers by status.
        elapsed_s: from the first request to the last ack.
        cpu_s: the client's own CPU time, user and system.
    """

    requests: int
    acked_requests: int
    acked_spans: int
    partial: int
    sent_again: int
    reconnects: int
    sent_bytes: int
    grpc_status: dict[str, int]
    http_status: dict[str, int]
    latency: Latency
    elapsed_s: float
    cpu_s: float

    @property
    def spans_per_second(self) -> float:
        """Acked spans a second."""
        return self.acked_spans / self.elapsed_s

    @property
    def requests_per_second(self) -> float:
        """Acked requests a second."""
        return self.acked_requests / self.elapsed_s


class LoadClient:
    """The compiled load client.

    Args:
        directory: where the executable goes.

    Raises:
        RuntimeError: there is no C compiler or no libnghttp2; says what to install.
    """

    def __init__(self, directory: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError(f"the load client needs a C compiler: {_INSTALL}")
        self._executable = directory / "load"
        here = Path(__file__).parent
        sources = [str(here / source) for source in _SOURCES]
        command = [compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
        command += ["-o", str(self._executable), *sources, "-lnghttp2"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise RuntimeError(
                f"the load client does not compile; it needs libnghttp2 ({_INSTALL}):\n"
                f"{built.stderr}"
            )

    def start(self, protocol: Protocol, address: Address, load: Load) -> subprocess.Popen[str]:
        """Start sending ``load`` to ``address``; give the process to :func:`finish`."""
        command = [str(self._executable), "--protocol", protocol.value]
        command += ["--host", address.host, "--port", str(address.port), *load.arguments()]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, protocol: Protocol, address: Address, load: Load) -> LoadResult:
        """Send ``load`` and wait for its end. Raises RuntimeError if the client gave up."""
        return finish(self.start(protocol, address, load))


def finish(process: subprocess.Popen[str]) -> LoadResult:
    """Wait for a load client and return what it saw. Raises RuntimeError if it gave up."""
    try:
        output, errors = process.communicate()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"the load client failed: {errors.strip()}")
    seen = json.loads(output)
    if not seen["acked_requests"]:
        raise RuntimeError(
            f"the receiver acked nothing: gRPC status {seen['grpc_status']}, "
            f"HTTP status {seen['http_status']}"
        )
    seconds = {name: value / 1e6 for name, value in seen["latency_us"].items()}
    return LoadResult(
        requests=seen["requests"],
        acked_requests=seen["acked_requests"],
        acked_spans=seen["acked_spans"],
        partial=seen["partial"],
        sent_again=seen["sent_again"],
        reconnects=seen["reconnects"],
        sent_bytes=seen["sent_bytes"],
        grpc_status=seen["grpc_status"],
        http_status=seen["http_status"],
        latency=Latency(**seconds),
        elapsed_s=seen["elapsed_s"],
        cpu_s=seen["cpu_s"],
    )
