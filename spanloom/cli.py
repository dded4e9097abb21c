"""The command line: ``spanloom`` and ``python -m spanloom``.

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import click

from spanloom import __version__
from spanloom.commands.collector import collector
from spanloom.commands.config import config
from spanloom.commands.import_files import import_files
from spanloom.commands.query import query
from spanloom.commands.receiver import receiver
from spanloom.commands.serve import serve
from spanloom.commands.sql import sql
from spanloom.commands.store import store
from spanloom.commands.trace import trace

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="spanloom")
def main() -> None:
    """Spanloom, the tracing backend of a service mesh: OTLP in, SQL inside, traces out."""


for command in (serve, collector, query, config, sql, store, trace, import_files, receiver):
    main.add_command(command)
