"""One receiver process: gRPC and HTTP on the shared ports, one spool of its own."""

from __future__ import annotations

import asyncio
import signal
import socket

import msgspec
import structlog

from collector.interface import SpoolUnavailable
from collector.receivers.budget import ByteBudget
from collector.receivers.grpc_receiver import GrpcReceiver
from collector.receivers.http_receiver import HttpReceiver
from collector.receivers.peers import PeerTable
from collector.spool import SpoolWriter
from spanloom import event_loop
from spanloom.control import ControlLine, Signal, Task, read_task
from spanloom.data_dir import DataDir
from spanloom.logs import configure_logs
from spanloom.peer_files import publish_peers
from spanloom.spool_guard import SpoolGuard

__all__ = ["run_receiver"]

_log = structlog.get_logger(__name__)


def run_receiver(control_fd: int) -> int:
    """Do the task that comes over the control line until its end; return the exit code."""
    with socket.socket(fileno=control_fd) as line:
        # A terminal's Ctrl-C and a supervisor's SIGTERM may go to every process; the service
        # answers them, and asks us to drain when it is time.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        task = read_task(line)
        if task is None:
            return 0
        configure_logs(task.config.log, process=f"receiver-{task.worker}")
        try:
            event_loop.run(_serve(task, line))
        except (OSError, RuntimeError, SpoolUnavailable) as error:
            _log.error("the receiver cannot run", error=str(error))
            return 1
    return 0


async def _serve(task: Task, line: socket.socket) -> None:
    config, control = task.config, ControlLine(line)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(line.fileno(), ended.set)  # nothing comes but the end of the stream
    data, peers = DataDir(config.data_path), PeerTable()
    spool = SpoolWriter(
        data.spool_file(task.worker),
        config.spool,
        max_bytes=max(1, config.spool.max_bytes // config.workers),
        on_commit=control.send_committed,
    )
    spool.start()

    def tell(writable: bool) -> None:
        control.send(Signal.SPOOL_WRITABLE if writable else Signal.SPOOL_FAILING)

    guard = SpoolGuard(spool, loop, tell)
    protocols = config.receivers.otlp.protocols
    budget = ByteBudget(config.receivers.otlp.in_flight_bytes)
    receivers = (
        GrpcReceiver(
            msgspec.structs.replace(protocols.grpc, endpoint=task.grpc, reuse_port=True),
            guard,
            budget,
            peers,
        ),
        HttpReceiver(
            msgspec.structs.replace(protocols.http, endpoint=task.http, reuse_port=True),
            guard,
            budget,
            peers,
        ),
    )
    watches = (
        asyncio.create_task(guard.watch()),
        asyncio.create_task(publish_peers(peers, data.peers_file(task.worker))),
    )
    try:
        for receiver in receivers:
            await receiver.start()
        await guard.first_verdict()
        control.send(Signal.READY)
        await ended.wait()
        loop.remove_reader(line.fileno())
        for receiver in receivers:
            await receiver.drain()
        await asyncio.gather(*(r.stop(config.shutdown.grace_s) for r in receivers))
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.wait(watches)
        await asyncio.to_thread(spool.close)
