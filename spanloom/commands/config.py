"""``spanloom config``: shows the configuration that ``serve`` would run with."""

from __future__ import annotations

from pathlib import Path

import click

from spanloom.commands.options import loaded, service_options
from spanloom.config_output import config_to_yaml

__all__ = ["config"]


@click.command
@service_options
@click.option("--check", is_flag=True, help="print nothing, exit with 1 if it is wrong")
def config(config_file: Path | None, check: bool, **flags: str | None) -> None:
    """Print the configuration as YAML, secrets hidden.

    A flag wins over a SPANLOOM_* variable, that over the file, that over the default.
    """
    result = loaded(config_file, flags)
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    if not check:
        click.echo(config_to_yaml(result.config), nl=False)
