"""Calls as they are found, before they are keyed: who called whom, which spans show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from model.graph.edge import Protocol

__all__ = ["PROTOCOLS", "Requests", "concatenate"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PROTOCOLS = tuple(Protocol)


@dataclass(frozen=True, slots=True)
class Requests:
    """Calls in columns; members and places are indexes, NONE (-1) where there is none.

    Attributes:
        entry: the first span of the callee; NONE if the callee is known by name only.
        peer: the span that names the callee; NONE if there is an entry.
        source, destination: places.
        caller: the span by which the tree tells the caller, if it does.
        outgoing: innermost span of the caller's group.
        inferred, asynchronous: as in :class:`model.graph.edge.EdgeKey`.
        source_address: index in :attr:`Members.spans`' ``peer_addresses``; 0 for none.
        protocol: index in ``PROTOCOLS`` if the kind of the call decides it.
        client_ns, server_ns, lag_ns: rule G39; -1 where there is none.
    """

    entry: Int64s
    peer: Int64s
    source: Int64s
    destination: Int64s
    caller: Int64s
    outgoing: Int64s
    inferred: Int64s
    asynchronous: Int64s
    source_address: Int64s
    protocol: Int64s
    client_ns: Int64s
    server_ns: Int64s
    lag_ns: Int64s

    def __len__(self) -> int:
        return len(self.entry)


def concatenate(parts: Sequence[Requests]) -> Requests:
    """Return the calls of all ``parts``."""
    return Requests(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Requests))
    )
