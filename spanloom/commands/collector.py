"""``spanloom collector``: takes spans in, apart from the queries."""

from __future__ import annotations

from pathlib import Path

import click

from spanloom.commands.options import collector_options
from spanloom.commands.running import run_role
from spanloom.roles import Role

__all__ = ["collector"]


@click.command
@collector_options
def collector(config_file: Path | None, **flags: str | None) -> None:
    """Receive spans and write them to a PostgreSQL database.

    The part of `serve` that takes spans in: receivers, spools and pipeline. Any number of them
    may run on one database, each with a data directory of its own. Needs --store.
    """
    run_role(Role.COLLECTOR, config_file, flags)
