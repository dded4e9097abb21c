"""``spanloom serve``: runs the service."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog

from spanloom.commands.options import loaded, service_options
from spanloom.config import Config
from spanloom.data_dir import DataDir, DataDirInUse
from spanloom.logs import configure_logs

if TYPE_CHECKING:
    from spanloom.service import Addresses

__all__ = ["serve"]

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@click.command
@service_options
def serve(config_file: Path | None, **flags: str | None) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    A line on standard output says when it is ready and on which addresses: as JSON when
    standard output is no terminal.
    """
    result = loaded(config_file, flags)
    configure_logs(result.config.log, process="service")
    for warning in result.warnings:
        structlog.get_logger(__name__).warning(warning)
    data = DataDir(result.config.data_path)
    try:
        with data.locked() as lock_fd:
            # prometheus_client decides at its first import where values are kept.
            assert "prometheus_client" not in sys.modules
            os.environ[METRICS_VARIABLE] = str(data.metrics.resolve())
            _run(result.config, lock_fd)
    except DataDirInUse as error:
        raise click.ClickException(str(error)) from error


def _run(config: Config, lock_fd: int) -> None:
    from api.jaeger.ui_bundle import UiUnavailable
    from collector.interface import SpoolUnavailable
    from spanloom import event_loop
    from spanloom.endpoint import AddressInUse
    from spanloom.service import Service
    from spanloom.supervisor import ReceiverFailed
    from storage.interface import StoreError

    async def run() -> None:
        await Service(config, _announce).run(lock_fd)

    try:
        event_loop.run(run())
    except (AddressInUse, ReceiverFailed, SpoolUnavailable, StoreError, UiUnavailable) as error:
        raise click.ClickException(str(error)) from error


def _announce(addresses: Addresses) -> None:
    found = addresses.as_text()
    if sys.stdout.isatty():
        text = " · ".join(f"{name} {address}" for name, address in found.items())
        click.echo(f"ready: {text}")
    else:
        click.echo(json.dumps({"event": "ready", "pid": os.getpid(), "addresses": found}))
