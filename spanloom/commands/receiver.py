"""``spanloom receiver``: one receiver process; ``serve`` starts it, people do not."""

from __future__ import annotations

import sys

import click

__all__ = ["receiver"]


@click.command(hidden=True)
@click.option("--worker", type=int, required=True)
@click.option("--control-fd", type=int, required=True)
def receiver(worker: int, control_fd: int) -> None:
    """Run a receiver process on a control line."""
    from spanloom.metric_values import keep_values_as

    keep_values_as(f"receiver-{worker}")

    # Only now: importing it makes the metrics.
    from spanloom.receiver_process import run_receiver

    sys.exit(run_receiver(control_fd))
