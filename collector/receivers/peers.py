"""Who sends to a receiver process: a bounded table, kept at the price of a look-up a request."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import unquote

import msgspec

from collector.receivers.request import Accepted

__all__ = ["MAX_PEERS", "Peer", "PeerTable", "address_of"]

MAX_PEERS = 1000
"""Peers that a table holds; beyond, the one that was silent for longest is forgotten."""

_MAX_CLIENT_LENGTH = 200


class Peer(msgspec.Struct):
    """What came from one address over one transport.

    Attributes:
        transport: ``grpc`` or ``http``.
        address: an IP without a port; that of a proxy or a node where one is between.
        client: ``user-agent`` of its first request; empty if it sent none.
        requests: all of them.
        empty_requests: those that held no span.
        unsuccessful_requests: those that were answered with an error.
        spans: accepted.
        last_seen_ns: nanoseconds since the epoch.
    """

    transport: str
    address: str
    client: str = ""
    requests: int = 0
    empty_requests: int = 0
    unsuccessful_requests: int = 0
    spans: int = 0
    last_seen_ns: int = 0

    def succeeded(self, accepted: Accepted) -> None:
        """Count a request that was taken."""
        self.requests += 1
        self.spans += accepted.span_count
        self.empty_requests += accepted.is_empty
        self.last_seen_ns = time.time_ns()

    def failed(self) -> None:
        """Count a request that was answered with an error."""
        self.requests += 1
        self.unsuccessful_requests += 1
        self.last_seen_ns = time.time_ns()


class PeerTable:
    """The peers of one receiver process, over both transports. Belongs to one event loop."""

    def __init__(self, limit: int = MAX_PEERS) -> None:
        self._limit = limit
        self._peers: OrderedDict[tuple[str, str], Peer] = OrderedDict()

    def of(self, transport: str, address: str, client: Callable[[], str | None]) -> Peer:
        """Return the peer, a new one if it is not known; only then ``client`` is asked."""
        key = (transport, address)
        peer = self._peers.get(key)
        if peer is not None:
            self._peers.move_to_end(key)
            return peer
        if len(self._peers) >= self._limit:
            self._peers.popitem(last=False)
        peer = Peer(transport, address, (client() or "")[:_MAX_CLIENT_LENGTH])
        self._peers[key] = peer
        return peer

    def encoded(self) -> bytes:
        """Return all peers as a list in JSON, the one heard last at the end."""
        return msgspec.json.encode(list(self._peers.values()))


def address_of(peer: str) -> str:
    """Return the IP in gRPC's name of a peer, ``ipv4:10.1.2.3:4711`` or ``ipv6:%5B::1%5D:4711``."""
    scheme, _, rest = peer.partition(":")
    if scheme not in ("ipv4", "ipv6"):
        return peer
    host = rest.rpartition(":")[0]
    return unquote(host).strip("[]") if scheme == "ipv6" else host
