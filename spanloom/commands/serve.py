"""``spanloom serve``: runs the service."""

from __future__ import annotations

from pathlib import Path

import click

from spanloom.commands.options import service_options
from spanloom.commands.running import run_role
from spanloom.roles import Role

__all__ = ["serve"]


@click.command
@service_options
def serve(config_file: Path | None, **flags: str | None) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    A line on standard output says when it is ready and on which addresses: as JSON when
    standard output is no terminal.
    """
    run_role(Role.SERVE, config_file, flags)
