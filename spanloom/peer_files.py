"""Who sends, from the receiver processes to the service: a small file each, written anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from collector.receivers.peers import MAX_PEERS, Peer, PeerTable

__all__ = ["publish_peers", "read_peers"]

_log = structlog.get_logger(__name__)

_INTERVAL_S = 2.0

_decode = msgspec.json.Decoder(list[Peer]).decode


async def publish_peers(table: PeerTable, path: Path) -> None:
    """Write ``table`` to ``path`` every two seconds if it has changed, for ever.

    While that fails it is tried again, and told once.
    """
    written = b""
    is_failing = False
    while True:
        await asyncio.sleep(_INTERVAL_S)
        peers = table.encoded()
        if peers == written:
            continue
        try:
            await asyncio.to_thread(_replace, path, peers)
        except OSError as error:  # it only helps people; spans are taken as before
            if not is_failing:
                _log.warning("who sends cannot be told", path=str(path), error=str(error))
            is_failing = True
        else:
            written, is_failing = peers, False


def _replace(path: Path, content: bytes) -> None:
    """Write ``path`` so that its readers find the old or the new content."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def read_peers(folder: Path) -> list[Peer]:
    """Return the peers of all receiver processes, each once, the one heard last first.

    At most :data:`collector.receivers.peers.MAX_PEERS`.
    """
    peers: dict[tuple[str, str], list[Peer]] = {}
    for path in folder.glob("receiver-*.json"):
        for peer in _decode(path.read_bytes()):
            peers.setdefault((peer.transport, peer.address), []).append(peer)
    merged = sorted(map(_merged, peers.values()), key=lambda peer: -peer.last_seen_ns)
    return merged[:MAX_PEERS]


def _merged(reports: Sequence[Peer]) -> Peer:
    latest = max(reports, key=lambda peer: peer.last_seen_ns)
    return msgspec.structs.replace(
        latest,
        requests=sum(peer.requests for peer in reports),
        empty_requests=sum(peer.empty_requests for peer in reports),
        unsuccessful_requests=sum(peer.unsuccessful_requests for peer in reports),
        spans=sum(peer.spans for peer in reports),
    )
