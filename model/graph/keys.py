"""Keys of edges and operations: numbers in columns, made Python objects once for each distinct."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.envoy import ClusterKind, parse_upstream_cluster
from model.graph.ancestry import NONE
from model.graph.distinct import Distinct
from model.graph.edge import EdgeKey, OperationKey, Protocol, Via
from model.graph.grouping import Combination, group
from model.graph.members import Members
from model.graph.outcomes import Groups
from model.graph.place import Place
from model.graph.requests import PROTOCOLS, Requests
from model.graph.span_columns import SpanClass
from model.graph.views import VIAS, Rows
from model.graph.waypoints import service_host_of_name
from model.hosts import host_of_name, without_port

__all__ = ["edge_keys", "operation_keys"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

_MTLS = (None, False, True)


class _Outcome(NamedTuple):
    """How a call ended, as one span tells it (rule G40)."""

    code: str = ""
    flags: str = ""
    grpc_status: str = ""


def edge_keys(
    members: Members, requests: Requests, groups: Groups, rows: Rows
) -> tuple[tuple[EdgeKey, ...], Int32s]:
    """Return the distinct keys of ``rows``, and for each row the index of its key."""
    fields = _Fields(members, requests, groups)
    alike = Combination(len(requests))
    for name, column in fields.all().items():
        alike.add(name, column, int(column.max(initial=0)) + 1)
    of_call, call = alike.distinct()
    places = members.places.table.items
    distinct = Combination(len(rows.call))
    distinct.add("call", call[rows.call], max(len(of_call["operation"]), 1))
    distinct.add("source", rows.source, len(places))
    distinct.add("destination", rows.destination, len(places))
    distinct.add("views", rows.views, 16)
    distinct.add("via", rows.via, len(VIAS))
    of_row, row = distinct.distinct()
    keys: Distinct[EdgeKey] = Distinct()
    key_of = []
    for one, source, destination, views, via in zip(*of_row.values(), strict=True):
        told = {name: column[one] for name, column in of_call.items()}
        ends = places[source], places[destination]
        key_of.append(keys.index(fields.key(told, ends, views, VIAS[via])))
    return tuple(keys.items), np.array(key_of, np.int32)[row]


def operation_keys(members: Members, spans: Int64s) -> tuple[tuple[OperationKey, ...], Int32s]:
    """Return the distinct keys of ``spans``, which all have a place, and the key of each."""
    classes, places = members.spans.classes, members.places.table.items
    made = members.places.made[spans]
    codes = made * len(classes) + members.forest.span_class[spans]
    distinct, index = group(codes, max(len(places) * len(classes), 1))
    keys: Distinct[OperationKey] = Distinct()
    key_of = []
    for code in distinct.tolist():
        one = classes[code % len(classes)]
        key_of.append(
            keys.index(
                OperationKey(
                    places[code // len(classes)],
                    one.name,
                    one.kind,
                    one.status,
                    one.http_status_code,
                    one.grpc_status_code,
                )
            )
        )
    return tuple(keys.items), np.array(key_of, np.int32)[index]


class _Fields:
    """The fields of keys that do not depend on the view, by call; texts by their index."""

    def __init__(self, members: Members, requests: Requests, groups: Groups) -> None:
        self._members = members
        self._requests = requests
        self._groups = groups
        self._classes = members.spans.classes
        self.texts: Distinct[str] = Distinct("")
        self._outcomes: Distinct[_Outcome] = Distinct(_Outcome())

    def all(self) -> dict[str, Int64s]:
        """Return every field's column by its name."""
        source, destination = self._reporters()
        return {
            "operation": self._operation(),
            "host": self._host(),
            "protocol": self._protocol(),
            "asynchronous": self._requests.asynchronous,
            "inferred": self._requests.inferred,
            "source_address": self._source_address(),
            "source": self._outcome(source),
            "destination": self._outcome(destination),
            "mtls": self._mtls(),
            "source_principal": self._first_text(lambda one: one.source_principal),
            "destination_principal": self._first_text(lambda one: one.destination_principal),
        }

    def key(
        self, row: Mapping[str, int], ends: tuple[Place, Place], views: int, via: Via
    ) -> EdgeKey:
        """Return the key of a row of all columns, for an edge between two places."""
        texts = self.texts.items
        source, destination = (self._outcomes.items[row[end]] for end in ("source", "destination"))
        return EdgeKey(
            source=ends[0],
            destination=ends[1],
            operation=texts[row["operation"]],
            host=texts[row["host"]],
            protocol=PROTOCOLS[row["protocol"]],
            asynchronous=bool(row["asynchronous"]),
            inferred=bool(row["inferred"]),
            views=views,
            via=via,
            source_address=texts[row["source_address"]],
            source_code=source.code,
            source_flags=source.flags,
            destination_code=destination.code,
            destination_flags=destination.flags,
            grpc_status=source.grpc_status or destination.grpc_status,
            mtls=_MTLS[row["mtls"]],
            source_principal=texts[row["source_principal"]],
            destination_principal=texts[row["destination_principal"]],
        )

    def _reporters(self) -> tuple[Int64s, Int64s]:
        """Return whose codes count on either side: the nearest proxy's, else the nearest span's."""
        is_proxy = self._members.is_proxy
        source, destination = self._groups.outgoing(is_proxy), self._groups.incoming(is_proxy)
        source = np.where(source == NONE, self._requests.outgoing, source)
        return source, np.where(destination == NONE, self._groups.entered, destination)

    def _of_class(self, span: Int64s, tell: Callable[[SpanClass], int]) -> Int64s:
        """Return the number that each span's class tells; 0 for NONE."""
        found = np.zeros(len(span), np.int64)
        at = np.flatnonzero(span != NONE)
        of_class = self._members.forest.span_class[span[at]]
        used, index = group(of_class, len(self._classes))
        by_class = np.fromiter((tell(self._classes[one]) for one in used.tolist()), np.int64)
        found[at] = by_class[index]
        return found

    def _text(self, span: Int64s, tell: Callable[[SpanClass], str]) -> Int64s:
        return self._of_class(span, lambda one: self.texts.index(tell(one)))

    def _outcome(self, span: Int64s) -> Int64s:
        return self._of_class(span, lambda one: self._outcomes.index(_outcome_of(one)))

    def _first(self, tells: Callable[[SpanClass], bool]) -> Int64s:
        """Return the first span that tells something: of the callee, else of the caller."""
        telling = self._members.by_class(map(tells, self._classes))
        incoming = self._groups.incoming(telling)
        return np.where(incoming == NONE, self._groups.outgoing(telling), incoming)

    def _first_text(self, tell: Callable[[SpanClass], str]) -> Int64s:
        return self._text(self._first(lambda one: tell(one) != ""), tell)

    def _operation(self) -> Int64s:
        requests, members = self._requests, self._members
        outgoing = requests.outgoing
        # G4: an attempt is named by the proxy as it names the request.
        is_try = (outgoing != NONE) & members.is_attempt[outgoing]
        outgoing = np.where(is_try, members.forest.parent[outgoing], outgoing)
        by_caller = (self._groups.entered == NONE) & (outgoing != NONE)
        return self._text(np.where(by_caller, outgoing, requests.entry), lambda one: one.name)

    def _host(self) -> Int64s:
        telling = self._members.by_class(_called_host(one) != "" for one in self._classes)
        called = self._text(self._groups.outgoing(telling), _called_host)
        named = self._text(self._requests.entry, _named_host)
        return np.where(called == 0, named, called)

    def _protocol(self) -> Int64s:
        found = self._requests.protocol
        for protocol, is_spoken in (
            (Protocol.GRPC, lambda one: one.is_grpc),
            (Protocol.HTTP, lambda one: one.is_http),
        ):
            speaks = (found == NONE) & (self._first(is_spoken) != NONE)
            found = np.where(speaks, PROTOCOLS.index(protocol), found)
        return np.where(found == NONE, PROTOCOLS.index(Protocol.UNKNOWN), found)

    def _mtls(self) -> Int64s:
        span = self._first(lambda one: one.mtls is not None)
        return self._of_class(span, lambda one: _MTLS.index(one.mtls))

    def _source_address(self) -> Int64s:
        addresses = self._members.spans.peer_addresses
        distinct, index = group(self._requests.source_address, len(addresses))
        texts = [self.texts.index(without_port(addresses[one])) for one in distinct.tolist()]
        return np.array(texts, np.int64)[index]


def _outcome_of(span: SpanClass) -> _Outcome:
    code = "-" if span.http_status_code == "0" else span.http_status_code
    return _Outcome(code, span.response_flags, span.grpc_status_code)


def _called_host(span: SpanClass) -> str:
    cluster = parse_upstream_cluster(span.upstream_cluster)
    if cluster is None or cluster.kind is not ClusterKind.OUTBOUND:
        return ""
    return cluster.host


def _named_host(span: SpanClass) -> str:
    return "" if service_host_of_name(span.name) is None else host_of_name(span.name)
