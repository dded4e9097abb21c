"""``spanloom query``: answers questions, apart from the receivers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from spanloom.commands.options import query_options
from spanloom.commands.running import run_role
from spanloom.roles import Role

__all__ = ["query"]


@click.command("query")
@query_options
@click.option(
    "--data-dir",
    metavar="DIR",
    help="directory of its own for the socket of `sql` and `trace`  [default: none is kept]",
)
def query(config_file: Path | None, data_dir: str | None, **flags: str | None) -> None:
    """Answer queries from a PostgreSQL database.

    The part of `serve` that answers: query API, Jaeger's APIs, ServiceGraph, metrics of the mesh.
    Any number of them may run on one database. Needs --store; the setting data_dir is not used,
    for nothing is kept.
    """
    with _folder(data_dir) as folder:
        run_role(Role.QUERY, config_file, {**flags, "data_dir": folder})


@contextlib.contextmanager
def _folder(given: str | None) -> Iterator[str]:
    """Yield the data directory: the given one, or one for as long as the process runs."""
    if given is not None:
        yield given
        return
    try:
        made = TemporaryDirectory(prefix="spanloom-query-")
    except OSError as error:
        raise click.ClickException(
            f"cannot make a temporary directory: {error}; name one by --data-dir or TMPDIR"
        ) from error
    with made as folder:
        yield folder
