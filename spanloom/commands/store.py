"""``spanloom store``: makes, upgrades, checks and measures a store."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spanloom.commands.options import data_config, store_options
from spanloom.config import Config
from spanloom.data_dir import DataDir, DataDirInUse
from spanloom.secrets import hide_passwords

if TYPE_CHECKING:
    from storage.config import StoreConfig
    from storage.interface import StoreStats
    from storage.table_sizes import TableSize

__all__ = ["store"]


@click.group
def store() -> None:
    """Make, upgrade, check and measure the store: a database, or files in a data directory."""


@store.command
@store_options
@click.option("--distributed", is_flag=True, help="distribute PostgreSQL's tables by Citus")
def init(
    config_file: Path | None, data_dir: str | None, store: str | None, distributed: bool
) -> None:
    """Make the store if it is not there. The service does the same when it starts."""
    from storage.direct import create_store, version_of

    place = _Place(data_config(config_file, data_dir, store))
    if distributed and place.store.postgresql is None:
        raise click.ClickException(
            "--distributed needs a PostgreSQL store with the Citus extension: name it by --store"
        )
    with place.exclusively():
        version = version_of(place.store)
        if version is not None:
            click.echo(f"{place} holds a store already, version {version}")
        else:
            click.echo(f"made the store {place}, version {create_store(place.store)}")
        if distributed:
            _distribute(place)


@store.command
@store_options
def upgrade(config_file: Path | None, data_dir: str | None, store: str | None) -> None:
    """Bring the store to the newest version. The service does the same when it starts."""
    from storage.direct import create_store

    place = _Place(data_config(config_file, data_dir, store))
    before = place.version()
    with place.exclusively():
        after = create_store(place.store)
    done = f"upgraded from version {before} to {after}" if before != after else "needs no upgrade"
    click.echo(f"{place}, version {after}: {done}")


@store.command
@store_options
def check(config_file: Path | None, data_dir: str | None, store: str | None) -> None:
    """Check that the store is whole, and exit with 1 if it is not.

    Prints a line a check. Changes nothing; a large PostgreSQL store is checked in samples.
    """
    from storage.checks import check_store
    from storage.direct import open_engine

    place = _Place(data_config(config_file, data_dir, store))
    failed = 0
    with _failures():
        place.version()
        with open_engine(place.store) as engine:
            for result in check_store(engine, place.store.columns):
                failed += not result.passed
                mark = "ok    " if result.passed else "FAILED"
                click.echo(f"{mark} {result.name:<10} {result.found}")
    if failed:
        raise click.ClickException(f"{failed} of the checks failed on {place}")


@store.command
@store_options
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def stats(config_file: Path | None, data_dir: str | None, store: str | None, as_json: bool) -> None:
    """Print how large the store is, which time it covers, and what each table takes."""
    from storage.direct import open_engine
    from storage.engines import open_store
    from storage.migrations import stored_schema
    from storage.table_sizes import pending_minutes, table_sizes

    place = _Place(data_config(config_file, data_dir, store))
    with _failures():
        place.version()
        opened = open_store(place.store, read_only=True)
        try:
            found = opened.stats()
        finally:
            opened.close()
        with open_engine(place.store) as engine:
            schema = stored_schema(engine, place.store.columns)
            with engine.connect() as connection:
                tables = table_sizes(connection, schema)
                pending = pending_minutes(connection, schema)
    (_print_json if as_json else _print_text)(str(place), found, tables, pending)


@store.command
@click.option("--from", "source", metavar="URL|DIR", required=True, help="the store to copy")
@click.option("--to", "target", metavar="URL|DIR", required=True, help="an empty store, or none")
def copy(source: str, target: str) -> None:
    """Copy a store into another one: postgresql://USER@HOST/DATABASE, or a data directory.

    Stop the services on both first. What is stopped itself goes on from there when it is run
    again. Passwords may come from PGPASSWORD or PGPASSFILE; settings other than the place come
    from SPANLOOM_* variables.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from storage.copy import copy_store

    places = [_Place(_config_of(place)) for place in (source, target)]
    if str(places[0]) == str(places[1]):
        raise click.ClickException(f"a store is not copied into itself: {places[0]}")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    places[0].version()
    with (
        places[0].exclusively(),
        places[1].exclusively(),
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("spans")
        for step in copy_store(places[0].store, places[1].store):
            progress.update(task, description=step.doing, completed=step.spans, total=step.total)
    click.echo(f"{step.spans:,} spans copied from {places[0]} to {places[1]}")


def _config_of(place: str) -> Config:
    is_url = "://" in place
    return data_config(None, None if is_url else place, place if is_url else "")


class _Place:
    """Where the store is, and what it is opened with."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._data = DataDir(config.data_path)
        self.store: StoreConfig = config.store_config(self._data.store)

    def __str__(self) -> str:
        return hide_passwords(self._config.store.url) or str(self.store.path)

    def version(self) -> int:
        """Return the version of the data. Raises click.ClickException if there is none."""
        from storage.direct import version_of

        with _failures():
            version = version_of(self.store)
        if version is None:
            raise click.ClickException(
                f"there is no store at {self}: make one by `spanloom store init`, or name another "
                "by --store or --data-dir"
            )
        return version

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep services out of the data directory; a database has locks of its own."""
        with _failures():
            if self._config.store.url:
                yield
            else:
                with self._data.locked():
                    yield


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    from storage.interface import StoreError

    try:
        yield
    except (DataDirInUse, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _distribute(place: _Place) -> None:
    from storage.direct import open_engine
    from storage.postgresql.distributed import distribute

    with open_engine(place.store, read_only=False) as engine:
        for line in distribute(engine, place.store.columns):
            click.echo(line)


def _print_json(
    place: str, found: StoreStats, tables: list[TableSize], pending_minutes: int
) -> None:
    document = {
        "store": place,
        **asdict(found),
        "pending_minutes": pending_minutes,
        "tables": [asdict(table) for table in tables],
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_text(
    place: str, found: StoreStats, tables: list[TableSize], pending_minutes: int
) -> None:
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table

    facts = {
        "store": place,
        "version": str(found.schema_version),
        "spans": f"{found.spans:,}",
        "size": decimal(found.bytes_on_disk),
        "oldest span": _time(found.oldest_ns),
        "newest span": _time(found.newest_ns),
        "minutes to roll up": f"{pending_minutes:,}",
    }
    for name, value in facts.items():
        click.echo(f"{name + ':':<20}{value}")
    shown = Table("table", "rows", "size")
    for column in shown.columns[1:]:
        column.justify = "right"
    for table in (table for table in tables if table.rows):
        about = "about " if table.is_estimate else ""
        shown.add_row(table.name, f"{about}{table.rows:,}", decimal(table.bytes))
    Console().print(shown)


def _time(time_ns: int | None) -> str:
    if time_ns is None:
        return "none"
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
