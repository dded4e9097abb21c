"""``spanloom import``: sends files of traces to a running service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from spanloom.commands.options import config_options, data_config
from spanloom.config import Config

if TYPE_CHECKING:
    from spanloom.importing import Importer

__all__ = ["import_files"]


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@config_options
@click.option(
    "--endpoint",
    metavar="URL",
    help="OTLP/HTTP address of the service, such as http://127.0.0.1:4318",
    show_default="of the service that runs on the data directory",
)
def import_files(
    files: tuple[Path, ...],
    config_file: Path | None,
    data_dir: str | None,
    endpoint: str | None,
) -> None:
    """Send FILES of traces to a running service.

    Files may be OTLP as JSON, as lines of JSON or as protobuf (so what the Collector's file
    exporter writes), Jaeger's JSON as Jaeger UI downloads it, answers of Jaeger's and Tempo's
    APIs, or Zipkin's JSON; each also gzipped or compressed by zstd. Sending a file twice stores
    its spans once.
    """
    asyncio.run(_import(files, data_config(config_file, data_dir), endpoint))


async def _import(files: tuple[Path, ...], config: Config, endpoint: str | None) -> None:
    import aiohttp

    from collector.trace_files import TraceFileError
    from spanloom.admin import AdminError
    from spanloom.importing import Importer, ImportFailed

    try:
        url = await _traces_url(config, endpoint)
        async with aiohttp.ClientSession() as session:
            importer = Importer(session, url)
            await _send(files, importer)
    except (AdminError, ImportFailed, TraceFileError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{importer.sent_spans} spans sent to {url}")
    for reason in sorted(importer.reasons):
        click.echo(f"rejected: {reason}", err=True)
    if importer.rejected_spans:
        raise click.ClickException(f"{importer.rejected_spans} spans were rejected")


async def _send(files: tuple[Path, ...], importer: Importer) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from collector.trace_files import read_bodies

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for file in files:
            task = progress.add_task(file.name, total=file.stat().st_size)
            for body in read_bodies(file):
                await importer.send(body)
                progress.update(task, completed=body.read_bytes)


async def _traces_url(config: Config, endpoint: str | None) -> str:
    from spanloom.admin import AdminError, reach
    from spanloom.endpoint import Endpoint

    path = config.receivers.otlp.protocols.http.traces_paths[0]
    if endpoint is not None:
        has_path = urlsplit(endpoint).path.strip("/")
        return endpoint if has_path else endpoint.rstrip("/") + path
    async with reach(config, stand_in=False) as admin:
        addresses = await admin.addresses()
    if "otlp/http" not in addresses:
        raise AdminError("the process there takes no spans; name a collector by --endpoint")
    return f"http://{Endpoint.parse(addresses['otlp/http']).dialable}{path}"
