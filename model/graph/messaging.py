"""Calls by messages: who sent is found by the tree and by span links (rules G28 to G33)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE
from model.graph.edge import Protocol
from model.graph.entries import UNKNOWN
from model.graph.members import Members
from model.graph.peers import messaging_place, produces
from model.graph.places import lone_place
from model.graph.requests import PROTOCOLS, Requests
from model.graph.span_columns import SpanLink
from model.span import SpanKind

__all__ = ["find_messages"]

Int64s = npt.NDArray[np.int64]


class _Producer(NamedTuple):
    """What caused a message; places are indexes, ``member`` is NONE for one of another trace."""

    place: int
    end_ns: int
    to: int
    member: int = NONE


class _Row(NamedTuple):
    """One call, as in :class:`model.graph.requests.Requests`."""

    source: int
    destination: int
    entry: int = NONE
    peer: int = NONE
    caller: int = NONE
    outgoing: int = NONE
    source_address: int = 0
    client_ns: int = -1
    server_ns: int = -1
    lag_ns: int = -1


def find_messages(members: Members) -> Requests:
    """Return the calls of consumers, and those of producers to the destinations they name."""
    rows = _Messages(members).find()
    columns = dict(
        zip(_Row._fields, np.array(rows, np.int64).reshape(-1, len(_Row._fields)).T, strict=True)
    )
    return Requests(
        inferred=np.zeros(len(rows), np.int64),
        asynchronous=np.ones(len(rows), np.int64),
        protocol=np.full(len(rows), PROTOCOLS.index(Protocol.MESSAGING)),
        **columns,
    )


class _Messages:
    def __init__(self, members: Members) -> None:
        self._members = members
        forest, table = members.forest, members.places.table
        named = [messaging_place(one) for one in members.spans.classes]
        to = [NONE if place is None else table.index(place) for place in named]
        self._to = np.array(to, np.int64)[forest.span_class]
        sends = members.by_class(produces(one) for one in members.spans.classes)
        producers = np.flatnonzero(members.is_outbound & sends & (self._to != NONE))
        # Who sends where to; consumers may tell it for the span above them.
        self._sent = dict(zip(producers.tolist(), self._to[producers].tolist(), strict=True))
        self._elsewhere: dict[SpanLink, _Producer | None] = {}
        self._trace = NONE  # of the members by id
        self._trace_id = ""
        self._by_id: dict[str, int] = {}

    def find(self) -> list[_Row]:
        members = self._members
        consumes = members.by_class(one.kind is SpanKind.CONSUMER for one in members.spans.classes)
        rows: list[_Row] = []
        for consumer in np.flatnonzero(members.begins & consumes).tolist():
            rows += self._received(consumer)
        # G28: one call to its destination for each span that sends.
        for producer, to in self._sent.items():
            duration_ns = int(members.forest.end_ns[producer] - members.forest.start_ns[producer])
            rows.append(
                _Row(
                    int(members.place[producer]),
                    to,
                    peer=producer,
                    caller=producer,
                    outgoing=producer,
                    client_ns=duration_ns,
                )
            )
        return rows

    def _received(self, consumer: int) -> list[_Row]:
        members, forest = self._members, self._members.forest
        own, above = int(self._to[consumer]), int(members.above[consumer])
        producers = self._producers(consumer)
        if own != NONE and above != NONE and members.is_outbound[above] and self._to[above] == NONE:
            self._sent.setdefault(above, own)
        if not producers:
            return [self._without_producer(consumer, own)]
        # G30: one call for each producer; from the destination if one of both names it.
        start_ns, end_ns = int(forest.start_ns[consumer]), int(forest.end_ns[consumer])
        place = int(members.place[consumer])
        rows = []
        for producer in producers:
            to = own if own != NONE else producer.to
            outgoing = NONE
            if to == NONE and producer.member != NONE:
                outgoing = int(members.caller_group[producer.member])
            rows.append(
                _Row(
                    producer.place if to == NONE else to,
                    place,
                    entry=consumer,
                    caller=producer.member,
                    outgoing=outgoing,
                    server_ns=end_ns - start_ns,
                    lag_ns=max(0, start_ns - producer.end_ns),
                )
            )
        return rows

    def _without_producer(self, consumer: int, own: int) -> _Row:
        members, forest = self._members, self._members.forest
        above, source, caller, address = int(members.above[consumer]), own, NONE, 0
        if own == NONE and above != NONE:
            source, caller = int(members.place[above]), above
        elif own == NONE:
            source = members.places.table.index(UNKNOWN)
            address = int(members.spans.peer_address[forest.row[consumer]])
        return _Row(
            source,
            int(members.place[consumer]),
            entry=consumer,
            caller=caller,
            source_address=address,
            server_ns=int(forest.end_ns[consumer] - forest.start_ns[consumer]),
        )

    def _producers(self, consumer: int) -> list[_Producer]:
        """Return the span above that sent, and each span that is linked; all different."""
        members, forest = self._members, self._members.forest
        above = int(members.above[consumer])
        found: dict[str | SpanLink, _Producer] = {}  # by id in this trace, by link elsewhere
        if above != NONE and members.is_outbound[above]:
            found[_hex(int(forest.span_id[above]))] = self._here(above)
        links = forest.links.get(consumer, ())
        if links:
            self._read_trace(int(forest.trace[consumer]))
        for link in links:
            if link.trace_id == self._trace_id:
                member = self._by_id.get(link.span_id, NONE)
                if member != NONE and members.place[member] != NONE:
                    found.setdefault(link.span_id, self._here(member))
            elif (producer := self._in_other_trace(link)) is not None:
                found.setdefault(link, producer)
        return list(found.values())

    def _read_trace(self, trace: int) -> None:
        """Have the members of a trace by their ids, of a shared id the caller's."""
        if trace == self._trace:
            return
        forest = self._members.forest
        self._trace, self._trace_id = trace, self._members.spans.trace_id(trace)
        begin, end = np.searchsorted(forest.trace, [trace, trace + 1]).tolist()
        ids = forest.span_id[begin:end].tolist()
        self._by_id = {_hex(ids[at - begin]): at for at in range(end - 1, begin - 1, -1)}

    def _here(self, member: int) -> _Producer:
        members = self._members
        return _Producer(
            int(members.place[member]),
            int(members.forest.end_ns[member]),
            int(self._to[member]),
            member,
        )

    def _in_other_trace(self, link: SpanLink) -> _Producer | None:
        """Return what a link names in another trace, where only that span is known (G31)."""
        if link in self._elsewhere:
            return self._elsewhere[link]
        linked = self._members.spans.linked.get(link)
        found = None
        if linked is not None and (place := lone_place(linked.span_class)) is not None:
            table = self._members.places.table
            to = messaging_place(linked.span_class)
            found = _Producer(
                table.index(place),
                linked.start_ns + linked.duration_ns,
                NONE if to is None else table.index(to),
            )
        self._elsewhere[link] = found
        return found


def _hex(span_id: int) -> str:
    return f"{span_id & 0xFFFF_FFFF_FFFF_FFFF:016x}"
