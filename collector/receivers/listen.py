"""Listening sockets of an endpoint: every address of its name, all on one port."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket

from collector.receivers.config import split_endpoint

__all__ = ["listening_sockets"]

_BACKLOG = 1024
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


async def listening_sockets(endpoint: str, reuse_port: bool) -> list[socket.socket]:
    """Return a listening socket for each address of ``endpoint``.

    Port 0 takes one free port for all of them; an empty host means every interface. An
    address family that this machine does not have is left out.

    Raises:
        ValueError: the endpoint is malformed.
        OSError: the name is unknown, or one of its addresses cannot be listened on.
    """
    host, port = split_endpoint(endpoint)
    addresses = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    with contextlib.ExitStack() as opened:
        sockets: list[socket.socket] = []
        failure: OSError | None = None
        families = {family for family, *_ in addresses}
        for family, _, _, _, address in dict.fromkeys(addresses):
            try:
                listener = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
                if family == socket.AF_INET6 and socket.AF_INET in families:
                    # Else "::" would take IPv4 as well, and the other socket would fail.
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                _listen(listener, (address[0], port, *address[2:]), reuse_port)
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise OSError(f"cannot listen on {endpoint}: {error}") from error
                failure = error
                continue
            sockets.append(listener)
            port = listener.getsockname()[1]
        if not sockets:
            raise OSError(f"cannot listen on {endpoint}: {failure}") from failure
        opened.pop_all()
    return sockets


def _listen(listener: socket.socket, address: tuple[object, ...], reuse_port: bool) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.setblocking(False)
    listener.bind(address)
    listener.listen(_BACKLOG)
