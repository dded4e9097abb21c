"""The Spanloom service the demo exports to: one it starts, or one that runs already."""

import asyncio
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from deploy.demo.processes import Child
from deploy.demo.topology import Endpoint

__all__ = ["Service", "ServiceError"]

_HOST = "127.0.0.1"
_WELL_KNOWN_PORTS: tuple[int, ...] = (4317, 4318, 16686, 13133, 8888, 16685)
_START_TIMEOUT = 60.0
_POLL_INTERVAL = 0.05


class ServiceError(RuntimeError):
    """The service doesn't answer, or doesn't hold what was sent to it."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where one Spanloom listens.

    Attributes:
        otlp_grpc: OTLP over gRPC.
        otlp_http: OTLP over HTTP.
        query: the query API.
        health: liveness and readiness.
        metrics: Prometheus metrics.
        jaeger_grpc: Jaeger's query API over gRPC.
    """

    otlp_grpc: Endpoint
    otlp_http: Endpoint
    query: Endpoint
    health: Endpoint
    metrics: Endpoint
    jaeger_grpc: Endpoint

    @classmethod
    def at(cls, host: str = _HOST, port_base: int | None = None) -> "Service":
        """The service with its ports in their usual order.

        Args:
            host: name or address it listens on.
            port_base: the first of six ports in a row; the well-known ports when None, free
                ports when 0.

        Raises:
            ServiceError: the host is unknown.
        """
        if port_base is None:
            ports = _WELL_KNOWN_PORTS
        elif port_base == 0:
            ports = _free_ports(len(_WELL_KNOWN_PORTS))
        else:
            ports = tuple(range(port_base, port_base + len(_WELL_KNOWN_PORTS)))
        try:
            address = socket.gethostbyname(host)
        except OSError as error:
            raise ServiceError(f"{host} is no known host: {error}") from error
        return cls(*(Endpoint(address, port) for port in ports))

    @property
    def query_url(self) -> str:
        """The query API, without a trailing slash."""
        return f"http://{self.query}"

    def process(self, data_directory: Path) -> Child:
        """The service as a process of its own, keeping its data in the directory."""
        data_directory.mkdir(parents=True, exist_ok=True)
        listen = {
            "--otlp-grpc": self.otlp_grpc,
            "--otlp-http": self.otlp_http,
            "--query": self.query,
            "--health": self.health,
            "--metrics": self.metrics,
            "--jaeger-grpc": self.jaeger_grpc,
        }
        command = [sys.executable, "-m", "spanloom", "serve", "--data-dir", str(data_directory)]
        for flag, endpoint in listen.items():
            command += [flag, str(endpoint)]
        return Child("spanloom serve", command, data_directory / "serve.log")

    async def until_ready(self, client: aiohttp.ClientSession, process: Child | None) -> None:
        """Wait until the service says that it is ready.

        Args:
            client: an open session.
            process: the service's process when it is ours.

        Raises:
            ChildFailed: our process ended.
            ServiceError: it isn't ready in time.
        """
        url = f"http://{self.health}/ready"
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                while not await _is_ok(client, url):
                    if process is not None:
                        process.check()
                    await asyncio.sleep(_POLL_INTERVAL)
        except TimeoutError:
            raise ServiceError(f"no Spanloom was ready at {url} in {_START_TIMEOUT} s") from None

    async def until_searchable(
        self, client: aiohttp.ClientSession, trace_id: str, spans: int, *, within: float = 30.0
    ) -> None:
        """Wait until the trace can be read as a whole: its proxies export it in pieces.

        Args:
            client: an open session.
            trace_id: 32 hex digits.
            spans: how many it has at least.
            within: the longest wait, in seconds.

        Raises:
            ServiceError: it can't be read in time.
        """
        url = f"{self.query_url}/api/v1/traces/{trace_id}"
        found = 0
        try:
            async with asyncio.timeout(within):
                while True:
                    found = await _span_count(client, url)
                    if found >= spans:
                        return
                    # Another process's state has no event to wait for.
                    await asyncio.sleep(_POLL_INTERVAL)
        except TimeoutError:
            raise ServiceError(f"{url} has {found} of {spans} spans after {within} s") from None


async def _span_count(client: aiohttp.ClientSession, url: str) -> int:
    async with client.get(url) as response:
        if response.status == 404:
            return 0
        response.raise_for_status()
        return int((await response.json())["summary"]["span_count"])


async def _is_ok(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(url) as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


def _free_ports(number: int) -> tuple[int, ...]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((_HOST, 0))
        return tuple(each.getsockname()[1] for each in sockets)
