"""A listening address, ``HOST:PORT``, and the TCP sockets bound to it."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field

from collector.receivers.config import split_endpoint

__all__ = ["AddressInUse", "Addresses", "Endpoint", "bound_endpoint"]


class AddressInUse(OSError):
    """The address cannot be bound; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to listen on. Port 0 takes a free port when it is bound."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Parse ``HOST:PORT`` or ``[IPV6]:PORT``. Raises ValueError."""
        host, port = split_endpoint(text)
        if not host:
            raise ValueError(f"endpoint {text!r}: write 0.0.0.0:{port} to listen everywhere")
        return cls(host, port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def dialable(self) -> Endpoint:
        """The address by which this machine reaches it: a wildcard becomes the loopback."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        return Endpoint(loopback.get(self.host, self.host), self.port)

    def bind(self) -> socket.socket:
        """Bind and return a socket of our own (not listening yet). Raises AddressInUse."""
        return self._bound(shared=False)

    def reserve(self) -> socket.socket:
        """Bind a socket that never listens, so that child processes can share its port.

        Linux lets processes of one user that set SO_REUSEPORT share a port, a second Spanloom
        included: exports would be spread over both. So the port must be free of any listener
        before it is reserved. Raises AddressInUse.
        """
        if self.port:
            self._bound(shared=False).close()
        return self._bound(shared=True)

    def _bound(self, *, shared: bool) -> socket.socket:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise AddressInUse(f"cannot listen on {self}: {error}") from error
        # "localhost" is two addresses; exporters try 127.0.0.1 in any case.
        family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
        with contextlib.ExitStack() as undo:
            bound = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                bound.bind(address)
            except OSError as error:
                raise AddressInUse(
                    f"cannot listen on {self}: {error.strerror}; "
                    "stop what listens there, or choose another address"
                ) from error
            undo.pop_all()
            return bound


def bound_endpoint(bound: socket.socket) -> Endpoint:
    """Return the numeric address of a bound socket."""
    host, port, *_ = bound.getsockname()
    return Endpoint(host, port)


@dataclass(slots=True)
class Addresses:
    """What the service listens on, by the name of the part."""

    by_name: dict[str, Endpoint] = field(default_factory=dict)

    def as_text(self) -> dict[str, str]:
        """Return ``HOST:PORT`` by name."""
        return {name: str(endpoint) for name, endpoint in self.by_name.items()}
