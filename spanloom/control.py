"""What the service and its receiver processes tell each other, over a pair of sockets.

To the child goes one line of JSON, its :class:`Task`; after that only the end of the stream,
which asks it to drain. The kernel ends the stream too when the service is killed, so a receiver
never outlives it. Back come single bytes, :class:`Signal`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from enum import IntEnum

import msgspec

from spanloom.config import Config

__all__ = ["ControlLine", "Signal", "Task", "read_task"]


class Signal(IntEnum):
    """One byte from a receiver process."""

    READY = ord("R")
    COMMITTED = ord("C")
    SPOOL_FAILING = ord("F")
    SPOOL_WRITABLE = ord("W")


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a receiver process is to do.

    Attributes:
        worker: its number, from 0.
        config: the whole configuration.
        grpc, http: numeric addresses whose ports the service has reserved.
    """

    worker: int
    config: Config
    grpc: str
    http: str

    def encode(self) -> bytes:
        """Return the line of JSON."""
        return msgspec.json.encode(self) + b"\n"


def read_task(line: socket.socket) -> Task | None:
    """Read the child's task (blocking); None if the service is gone already."""
    received = bytearray()
    while not received.endswith(b"\n"):
        part = line.recv(1 << 16)
        if not part:
            return None
        received += part
    return msgspec.json.decode(received, type=Task)


class ControlLine:
    """The child's end for sending; thread-safe."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def send(self, signal: Signal) -> None:
        """Send one byte; a service that is gone is not told."""
        with self._lock, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._line.sendall(bytes([signal]))

    def send_committed(self) -> None:
        """Wake the pipeline. Never blocks: if the line is full, its reader has wake-ups enough."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            self._line.send(bytes([Signal.COMMITTED]), socket.MSG_DONTWAIT)
