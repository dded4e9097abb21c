"""Child processes that never outlive their parent, and that say why when they fail."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Child", "ChildFailed"]

_STOP_TIMEOUT = 10.0
_LOG_TAIL_LINES = 15


class ChildFailed(RuntimeError):
    """A child process ended by itself; the message holds the end of its log."""


class Child:
    """A child process as an async context manager: started on entry, ended on exit.

    The kernel ends it too when the parent dies without a goodbye, where util-linux's ``setpriv``
    is there to ask for that (it is on every Debian).

    Attributes:
        name: how messages call it.
        log: the file that holds what it wrote to standard output and error.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        stdin: bytes = b"",
        directory: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._stdin = stdin
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_tether(),
                *self._command,
                cwd=self._directory,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                # Ctrl-C reaches only the parent, which then ends its children in order.
                start_new_session=True,
            )
        stdin = self._process.stdin
        if stdin is not None:
            stdin.write(self._stdin)
            stdin.close()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        process = self._running()
        if process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    def check(self) -> None:
        """Make sure that the process runs.

        Raises:
            ChildFailed: it does not.
        """
        status = self._running().returncode
        if status is not None:
            raise ChildFailed(f"{self.name} ended with status {status}:\n{self.log_tail()}")

    def terminate(self) -> None:
        """Ask the process to end."""
        self._running().terminate()

    async def ended(self) -> int:
        """Wait for the process to end, and return its status."""
        return await self._running().wait()

    async def until_failure(self) -> None:
        """Wait for the process to end by itself.

        Raises:
            ChildFailed: always, when it does.
        """
        await self._running().wait()
        self.check()

    def log_tail(self) -> str:
        """The last lines the process wrote."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started: use `async with`")
        return self._process


def _tether() -> list[str]:
    """The prefix of a command that makes the kernel end it together with its parent.

    A program rather than ``preexec_fn``: that would fork the whole of a process that may have
    gRPC's threads, which gRPC does not support. The kernel tells only of a parent that dies after
    the request was made, so the shell then looks whether it already did.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    still_there = '[ "$PPID" = "$0" ] && exec "$@"'
    return [setpriv, "--pdeathsig", "KILL", "--", "sh", "-c", still_there, str(os.getpid())]
