"""Runs a process in its role: what ``serve``, ``collector`` and ``query`` have in common."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog

from spanloom.commands.options import loaded
from spanloom.config import Config
from spanloom.data_dir import DataDir, DataDirInUse
from spanloom.logs import configure_logs
from spanloom.roles import Role

if TYPE_CHECKING:
    from spanloom.endpoint import Addresses

__all__ = ["run_role"]

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def run_role(role: Role, config_file: Path | None, flags: Mapping[str, str | None]) -> None:
    """Run until SIGTERM or Ctrl-C. Raises click.ClickException if it cannot start."""
    result = loaded(config_file, flags)
    if role is not Role.SERVE and not result.config.store.url:
        raise click.ClickException(
            f"store.url is not set, and `spanloom {role}` needs it: the embedded store is files "
            "that only one process can open. Name a PostgreSQL database by "
            "--store postgresql://…, or run `spanloom serve`, which does everything in one place"
        )
    configure_logs(result.config.log, process=role.process)
    for warning in result.warnings:
        structlog.get_logger(__name__).warning(warning)
    data = DataDir(result.config.data_path)
    try:
        with data.locked() as lock_fd:
            # prometheus_client decides at its first import where values are kept.
            assert "prometheus_client" not in sys.modules
            os.environ[METRICS_VARIABLE] = str(data.metrics.resolve())
            _run(result.config, role, lock_fd)
    except DataDirInUse as error:
        raise click.ClickException(str(error)) from error


def _run(config: Config, role: Role, lock_fd: int) -> None:
    from api.static_files import UiUnavailable
    from collector.interface import SpoolUnavailable
    from spanloom import event_loop
    from spanloom.endpoint import AddressInUse
    from spanloom.service import Service
    from spanloom.supervisor import ReceiverFailed
    from storage.interface import StoreError

    async def run() -> None:
        await Service(config, role, _announce).run(lock_fd)

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
