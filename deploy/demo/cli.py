"""``python -m deploy.demo``: a mesh of real Envoys with traffic, and its first trace."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from deploy.demo.mesh import Mesh, MeshError
from deploy.demo.options import MeshOptions
from deploy.demo.processes import Child, ChildFailed
from deploy.demo.service import Service, ServiceError
from deploy.demo.topology import PODS, SERVICES
from deploy.demo.traffic import drive

__all__ = ["main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """One run of the demo.

    Attributes:
        service: where the spans go.
        data_directory: of the service when the demo starts it; None when it runs already.
        requests: number of requests before the report.
        rate: requests per second.
        duration: seconds of further traffic; None is until the demo is ended.
        mesh: how the mesh behaves.
    """

    service: Service
    data_directory: Path | None
    requests: int
    rate: float
    duration: float | None
    mesh: MeshOptions

    async def run(self) -> None:
        """Run from start to end.

        Raises:
            aiohttp.ClientError: a running service answers otherwise than it should.
            ChildFailed: the service or a part of the mesh ended by itself.
            MeshError: the mesh can't start or its proxies can't export.
            ServiceError: the service doesn't answer.
        """
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(aiohttp.ClientSession())
            process = await self._started_service(stack, client)
            _say(f"Mesh      starting {len(PODS)} Envoys and their apps")
            mesh = await stack.enter_async_context(
                Mesh(
                    (self.service.otlp_grpc.host, self.service.otlp_grpc.port),
                    (self.service.otlp_http.host, self.service.otlp_http.port),
                    self.mesh,
                )
            )
            first = await mesh.request("/productpage")
            first_spans = await mesh.flush()
            _say(f"Traffic   {self.requests} requests, {self.rate:g} a second")
            report = await drive(
                mesh, rate=self.rate, requests=self.requests - 1, seed=self.mesh.seed
            )
            spans = await mesh.flush()
            # An app that forwards nothing spreads them over several traces.
            complete = 1 if self.mesh.no_forward else first_spans
            await self.service.until_searchable(client, first.trace_id, complete)
            _say(f"          answers: 1 x {first.status} first, then {report}; {spans} spans")
            self._print_urls(mesh, first.trace_id, first.request_id)
            await self._print_trace(first.trace_id)
            await self._keep_running(mesh, process)

    async def _started_service(
        self, stack: AsyncExitStack, client: aiohttp.ClientSession
    ) -> Child | None:
        if self.data_directory is None:
            await self.service.until_ready(client, None)
            return None
        _say(f"Spanloom  starting, data and log in {self.data_directory}")
        process = await stack.enter_async_context(self.service.process(self.data_directory))
        await self.service.until_ready(client, process)
        return process

    async def _keep_running(self, mesh: Mesh, process: Child | None) -> None:
        if self.duration == 0:
            return
        until = "until Ctrl-C" if self.duration is None else f"for {self.duration:g} s"
        _say(f"\nTraffic goes on {until}.")
        async with asyncio.TaskGroup() as group:
            watch = [
                group.create_task(child.until_failure())
                for child in ([process] if process else []) + mesh.children
            ]
            await drive(mesh, rate=self.rate, seconds=self.duration, seed=self.mesh.seed + 1)
            for task in watch:
                task.cancel()

    def _print_urls(self, mesh: Mesh, trace_id: str, request_id: str) -> None:
        api = f"{self.service.query_url}/api/v1"
        _say("")
        for name, url in {
            "Web UI": f"{self.service.query_url}/",
            "Bookinfo": f"{mesh.gateway_url}/productpage",
            "Services": f"{api}/services",
            "Traces": f"{api}/traces?service=productpage.default",
            "This trace": f"{api}/traces/{trace_id}",
            "This request": f"{api}/requests/{request_id}?stitch=1",
            "Graph": f"{api}/graph?last=5m",
            "Drawn": f"{api}/graph?last=5m&format=mermaid",
            "Doctor": f"{api}/propagation?last=5m",
            "Metrics": f"http://{self.service.metrics}/metrics",
            "Health": f"http://{self.service.health}/ready",
            "Jaeger gRPC": str(self.service.jaeger_grpc),
        }.items():
            _say(f"  {name:<13} {url}")

    async def _print_trace(self, trace_id: str) -> None:
        _say("\nThe first trace:\n")
        command = [sys.executable, "-m", "spanloom", "trace", trace_id]
        # A tree wants more room than the 80 columns that are assumed without a terminal.
        width = {} if sys.stdout.isatty() else {"COLUMNS": "140"}
        process = await asyncio.create_subprocess_exec(
            *command, "--query", self.service.query_url, env=os.environ | width
        )
        if await process.wait():
            raise ServiceError(f"`spanloom trace {trace_id}` failed")


@click.command(context_settings={"show_default": True, "max_content_width": 100})
@click.option(
    "--spanloom",
    "host",
    metavar="HOST",
    help="Export to the Spanloom that runs on this host already, instead of starting one.",
)
@click.option(
    "--port-base",
    type=click.IntRange(0, 65530),
    help="First of the service's six ports in a row (OTLP gRPC, OTLP HTTP, query, health, "
    "metrics, Jaeger gRPC); 0 takes free ones.  [default: 4317, 4318, 16686, 13133, 8888, 16685]",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("spanloom-data/demo"),
    help="Where the started service keeps its data.",
)
@click.option("--requests", type=click.IntRange(1), default=50, help="Requests before the report.")
@click.option("--rate", type=click.FloatRange(0.01), default=20.0, help="Requests per second.")
@click.option(
    "--duration", type=click.FloatRange(0), help="Seconds of traffic after the report; 0 ends."
)
@click.option(
    "--keep-running/--no-keep-running",
    default=True,
    help="Without --duration: go on until Ctrl-C, or end after the report.",
)
@click.option(
    "--errors",
    type=click.FloatRange(0, 1),
    default=0.05,
    help="Share of the requests the failing service answers with 500.",
)
@click.option(
    "--errors-in", type=click.Choice(SERVICES), default="ratings", help="The failing service."
)
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=5.0,
    help="Mean time each app works on a request, in milliseconds.",
)
@click.option(
    "--no-forward",
    type=click.Choice(SERVICES),
    multiple=True,
    help="A service whose app forwards no trace headers; may be given several times.",
)
@click.option("--seed", type=int, default=1, help="Of the paths, errors and latencies.")
def main(
    host: str | None,
    port_base: int | None,
    data_dir: Path,
    requests: int,
    rate: float,
    duration: float | None,
    keep_running: bool,
    errors: float,
    errors_in: str,
    latency: float,
    no_forward: tuple[str, ...],
    seed: int,
) -> None:
    """Run Bookinfo behind real Envoys that export their spans to Spanloom."""
    if duration is None and not keep_running:
        duration = 0.0
    try:
        demo = Demo(
            service=Service.at(host or "127.0.0.1", port_base),
            data_directory=None if host else data_dir,
            requests=requests,
            rate=rate,
            duration=duration,
            mesh=MeshOptions(
                error_ratio=errors,
                error_service=errors_in,
                latency=latency / 1000,
                no_forward=frozenset(no_forward),
                seed=seed,
            ),
        )
        asyncio.run(_until_signal(demo))
    except* (ChildFailed, MeshError, ServiceError, aiohttp.ClientError) as group:
        raise click.ClickException(str(_first(group))) from group


async def _until_signal(demo: Demo) -> None:
    """Run the demo; the usual signals end it and everything it started."""
    running = asyncio.ensure_future(demo.run())
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        _say("\nEnded.")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _say(line: str) -> None:
    print(line, flush=True)
