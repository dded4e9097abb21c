"""The data directory: what lies where in it, and the lock that keeps a second service out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["DataDir", "DataDirInUse", "short_socket_path"]

_ORPHANS_WAIT_S = 30.0
_ORPHANS_LOOK_S = 0.05
_MAX_SOCKET_PATH = 107  # sun_path of unix(7), without its final zero byte


class DataDirInUse(Exception):
    """Another service runs on the directory, or it cannot be used; the message says which."""


class DataDir:
    """Paths inside the data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path / "store"
        self.spool = path / "spool"
        self.run = path / "run"
        self.metrics = self.run / "metrics"
        self.peers = self.run / "peers"
        self.admin_socket = self.run / "admin.sock"
        self._lock = path / "lock"

    def spool_file(self, worker: int) -> Path:
        """The spool of receiver process ``worker``."""
        return self.spool / f"receiver-{worker}.sqlite"

    def peers_file(self, worker: int) -> Path:
        """Where receiver process ``worker`` writes who sends to it."""
        return self.peers / f"receiver-{worker}.json"

    def spool_files(self, workers: int) -> list[Path]:
        """The spools of ``workers`` processes, and those left by a start with more of them."""
        mine = [self.spool_file(worker) for worker in range(workers)]
        left = sorted(set(self.spool.glob("receiver-*.sqlite")) - set(mine))
        return mine + left

    @contextlib.contextmanager
    def locked(self) -> Iterator[int]:
        """Create the directory and hold its lock; yields the lock's file descriptor.

        Receiver processes inherit the descriptor and so share the lock: a new service waits
        until the last process of a killed one is gone, and with it its ports and its spool.

        Raises DataDirInUse.
        """
        try:
            for folder in (self.path, self.store, self.spool):
                folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DataDirInUse(f"cannot use the data directory {self.path}: {error}") from error
        try:
            self._acquire(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            shutil.rmtree(self.run, ignore_errors=True)  # left by a service that was killed
            self.metrics.mkdir(parents=True)
            self.peers.mkdir()
            self.run.chmod(0o700)
            yield descriptor
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + _ORPHANS_WAIT_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                if _alive(owner) or time.monotonic() > deadline:
                    raise DataDirInUse(
                        f"another Spanloom (process {owner}) runs on {self.path}; "
                        "stop it, or give this one its own --data-dir"
                    ) from None
                # Its receivers are draining; the kernel tells nobody when a lock is dropped.
                time.sleep(_ORPHANS_LOOK_S)
            else:
                return


def _alive(pid: str) -> bool:
    if not pid.isdigit():
        return True  # the owner is about to write it
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def short_socket_path(path: Path) -> Iterator[str]:
    """Yield a name of the Unix socket ``path`` that is short enough to bind or to connect.

    A socket's path has a limit of about 100 bytes, a data directory has none; Linux reaches
    any directory by a descriptor's entry in /proc.
    """
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
