"""``spanloom sql``: asks the store in SQL, while the service runs or not."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spanloom.commands.options import data_config, store_options
from spanloom.config import Config

if TYPE_CHECKING:
    from spanloom.admin import SqlTable

__all__ = ["sql"]


@click.command
@click.argument("statement")
@store_options
@click.option("--format", type=click.Choice(["table", "json", "csv"]), default="table")
@click.option("--limit", type=click.IntRange(1), default=1000, help="most rows to print")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, help="seconds")
def sql(
    statement: str,
    config_file: Path | None,
    data_dir: str | None,
    store: str | None,
    format: str,
    limit: int,
    timeout: float,
) -> None:
    """Run a read-only SQL STATEMENT over the store, such as "SELECT count(*) FROM spans".

    Asks the database that --store names, else the service on the data directory, else its files.
    """
    config = data_config(config_file, data_dir, store)
    table = asyncio.run(_ask(config, statement, limit, timeout))
    {"table": _print_table, "json": _print_json, "csv": _print_csv}[format](table)
    if table.truncated:
        click.echo(f"only the first {limit} rows are shown, see --limit", err=True)


async def _ask(config: Config, statement: str, limit: int, timeout_s: float) -> SqlTable:
    from spanloom.admin import AdminError, reach

    try:
        async with reach(config) as admin:
            return await admin.sql(statement, max_rows=limit, timeout_s=timeout_s)
    except AdminError as error:
        raise click.ClickException(str(error)) from error


def _print_table(table: SqlTable) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    shown = Table(*(escape(name) for name in table.columns))
    for index, column in enumerate(shown.columns):
        cells = [row[index] for row in table.rows]
        if cells and all(isinstance(cell, (int, float)) for cell in cells if cell is not None):
            column.justify = "right"
    for row in table.rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console().print(shown)


def _print_json(table: SqlTable) -> None:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _print_csv(table: SqlTable) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
