"""``spanloom trace``: prints a trace as a tree."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import msgspec

from spanloom.commands.options import data_config, store_options
from spanloom.config import Config

__all__ = ["trace"]


@click.command
@click.argument("trace_id")
@store_options
@click.option("--query", metavar="URL", help="a service elsewhere, such as http://host:16686")
def trace(
    trace_id: str,
    config_file: Path | None,
    data_dir: str | None,
    store: str | None,
    query: str | None,
) -> None:
    """Print the trace TRACE_ID as a tree: times, proxies' hops, errors in words.

    Asks the service that --query names, the database that --store names, the service on the data
    directory, or its files if none runs. A solid bar is on the critical path.
    """
    from rich.console import Console

    from spanloom.trace_view import TraceView, render_trace

    body = asyncio.run(_fetch(trace_id, data_config(config_file, data_dir, store), query))
    render_trace(msgspec.json.decode(body, type=TraceView), Console(highlight=False))


async def _fetch(trace_id: str, config: Config, query: str | None) -> bytes:
    from spanloom.admin import AdminError, fetch_trace, reach

    try:
        if query is not None:
            return await fetch_trace(query, trace_id)
        async with reach(config) as admin:
            return await admin.trace(trace_id)
    except AdminError as error:
        raise click.ClickException(str(error)) from error
