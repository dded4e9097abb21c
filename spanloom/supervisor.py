"""Starts the receiver processes, hears from them, and starts again what crashed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

import spanloom
from spanloom.control import Signal, Task
from spanloom.self_metrics import mark_process_dead, receiver_restarts

__all__ = ["ReceiverFailed", "ReceiverProcess", "Supervisor"]

_log = structlog.get_logger(__name__)

_START_TIMEOUT_S = 60.0
_BACKOFF_MIN_S, _BACKOFF_MAX_S = 0.2, 15.0
_STABLE_S = 30.0
_READ_BYTES = 1 << 16


class ReceiverFailed(Exception):
    """A receiver process ended before it was ready for the first time; its log says why."""


class ReceiverProcess:
    """One receiver process and its successors.

    Attributes:
        worker: its number.
        pid: of the process that runs now, or None.
        ready: whether it listens.
        spool_writable: whether its spool takes data.
        restarts: how often it was started again.
    """

    def __init__(self, task: Task, lock_fd: int, on_commit: Callable[[], None]) -> None:
        self.worker = task.worker
        self.pid: int | None = None
        self.ready = False
        self.spool_writable = False
        self.restarts = 0
        self._task = task
        self._lock_fd = lock_fd
        self._on_commit = on_commit
        self._changed = asyncio.Condition()
        self._was_ready = False  # one that never was will not be by being started again
        self._stopping = asyncio.Event()
        self._line: socket.socket | None = None
        self._runner: asyncio.Task[None] | None = None

    @property
    def accepting(self) -> bool:
        """Whether exports are acknowledged."""
        return self.ready and self.spool_writable

    async def start(self) -> None:
        """Start the process and wait until it listens. Raises ReceiverFailed."""
        self._runner = asyncio.create_task(self._run(), name=f"receiver-{self.worker}")
        ready = asyncio.create_task(self._until_ready())
        done, _ = await asyncio.wait(
            (ready, self._runner), timeout=_START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
        )
        if ready not in done:
            ready.cancel()
            raise ReceiverFailed(f"receiver process {self.worker} did not start")

    def drain(self) -> None:
        """Ask the process to finish its calls and end; it is not started again."""
        self._stopping.set()
        self.ready = False
        if self._line is not None:
            with contextlib.suppress(OSError):  # it may have ended by itself
                self._line.shutdown(socket.SHUT_WR)

    async def stop(self, grace_s: float) -> None:
        """Wait for the end of a draining process; kill it after ``grace_s`` seconds."""
        self.drain()
        if self._runner is None:
            return
        _, pending = await asyncio.wait((self._runner,), timeout=grace_s)
        if pending:
            _log.warning("a receiver did not end in time, killing it", worker=self.worker)
            self._runner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._runner

    async def _until_ready(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.ready)

    async def _run(self) -> None:
        backoff_s = _BACKOFF_MIN_S
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set() or not self._was_ready:
                return
            if time.monotonic() - started > _STABLE_S:
                backoff_s = _BACKOFF_MIN_S
            receiver_restarts.inc()
            self.restarts += 1
            _log.error(
                "a receiver ended, starting it again",
                worker=self.worker,
                exit_code=code,
                in_s=round(backoff_s, 1),
            )
            wait_s = backoff_s * random.uniform(0.8, 1)  # noqa: S311 - jitter
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait_s)
            backoff_s = min(2 * backoff_s, _BACKOFF_MAX_S)

    async def _run_once(self) -> int:
        """Run one process to its end; return its exit code."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # a folder named "api" or "model" where the user stands is not ours
                    "-m",
                    "spanloom",
                    "receiver",
                    "--worker",
                    str(self.worker),
                    "--control-fd",
                    str(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), self._lock_fd),
                    env=_environment(),
                )
            self.pid = process.pid
            try:
                await self._talk(ours)
                return await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                self._line, self.pid = None, None
                self.ready = self.spool_writable = False
                mark_process_dead(f"receiver-{self.worker}")
                self._on_commit()  # what it committed last may have had no time for its wake-up

    async def _talk(self, line: socket.socket) -> None:
        """Hand over the task and hear signals until the process ends."""
        loop = asyncio.get_running_loop()
        line.setblocking(False)
        self._line = line
        with contextlib.suppress(ConnectionError):
            await loop.sock_sendall(line, self._task.encode())
            if self._stopping.is_set():
                self.drain()
            while signals := await loop.sock_recv(line, _READ_BYTES):
                await self._hear(set(signals), signals)

    async def _hear(self, kinds: set[int], signals: bytes) -> None:
        if Signal.COMMITTED in kinds:
            self._on_commit()
        if kinds == {Signal.COMMITTED}:
            return
        async with self._changed:
            for signal in signals:
                if signal == Signal.READY:
                    self.ready = self._was_ready = True
                elif signal == Signal.SPOOL_FAILING:
                    self.spool_writable = False
                elif signal == Signal.SPOOL_WRITABLE:
                    self.spool_writable = True
            self._changed.notify_all()


class Supervisor:
    """All receiver processes."""

    def __init__(self, processes: list[ReceiverProcess]) -> None:
        self.processes = processes

    @property
    def accepting(self) -> bool:
        """Whether some process acknowledges exports and none fails to write its spool.

        A process that is being restarted does not count: the kernel gives its connections to
        the others.
        """
        listening = [process for process in self.processes if process.ready]
        return bool(listening) and all(process.spool_writable for process in listening)

    async def start(self) -> None:
        """Start all. Raises ReceiverFailed."""
        await asyncio.gather(*(process.start() for process in self.processes))

    async def stop(self, grace_s: float) -> None:
        """Drain all, and kill what has not ended after ``grace_s`` seconds."""
        await asyncio.gather(*(process.stop(grace_s) for process in self.processes))


def _environment() -> dict[str, str]:
    """Our environment, in which the child finds the package where we have found it."""
    ours = Path(spanloom.__file__).parent.parent
    paths = [str(ours), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
