"""Spans in, calls and operations out: the one pass over a window's traces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, at
from model.graph.calls import Calls, Sampling
from model.graph.entries import find_entries
from model.graph.forest import build_forest
from model.graph.keys import edge_keys, operation_keys
from model.graph.members import Members, find_members
from model.graph.messaging import find_messages
from model.graph.operations import OperationSpans
from model.graph.outcomes import Groups
from model.graph.peers import find_peers
from model.graph.requests import concatenate
from model.graph.span_columns import SpanColumns
from model.graph.views import find_rows
from model.graph.weights import weights

__all__ = ["Woven", "weave"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Woven:
    """What a window's spans say: the calls between places, and each place's own spans."""

    calls: Calls
    operations: OperationSpans


def weave(spans: SpanColumns, sampling: Sampling) -> Woven:
    """Find every call (rules G1 to G40) and every operation of ``spans``; the order is free.

    Takes O(n log n), whatever the traces look like.
    """
    members = find_members(spans, build_forest(spans))
    return Woven(_find_calls(members, sampling), _find_operations(members, sampling))


def _find_calls(members: Members, sampling: Sampling) -> Calls:
    forest = members.forest
    entries = find_entries(members)
    messages = find_messages(members)
    entered = np.zeros(len(forest), bool)
    for found in (entries.requests, messages):
        entered[found.entry[found.entry != NONE]] = True
    requests = concatenate([entries.requests, messages, find_peers(members, entered)])
    groups = Groups(members, requests)
    rows = find_rows(members, entries, requests)
    keys, key = edge_keys(members, requests, groups, rows)
    weight, scaled = weights(
        members,
        sampling,
        [requests.caller, requests.entry, requests.outgoing],
        [requests.source, requests.destination],
    )
    span = np.where(requests.entry == NONE, requests.peer, requests.entry)
    call = rows.call
    return Calls(
        keys=keys,
        key=key,
        trace=forest.trace[span][call],
        trace_ids=members.spans.trace_ids,
        start_ns=groups.earliest_ns()[call],
        error=groups.errors()[call],
        client_ns=requests.client_ns[call],
        server_ns=requests.server_ns[call],
        lag_ns=requests.lag_ns[call],
        request_bytes=_size(groups, forest.request_bytes)[call],
        response_bytes=_size(groups, forest.response_bytes)[call],
        weight=weight[call],
        scaled=scaled[call],
    )


def _size(groups: Groups, size: Int64s) -> Int64s:
    """Return the size that the callee tells, else the caller."""
    told = size >= 0
    span = groups.incoming(told)
    span = np.where(span == NONE, groups.outgoing(told), span)
    return at(size, span)


def _find_operations(members: Members, sampling: Sampling) -> OperationSpans:
    forest = members.forest
    span = np.flatnonzero(members.places.made != NONE)
    keys, key = operation_keys(members, span)
    weight, scaled = weights(members, sampling, [span], [members.places.made[span]])
    return OperationSpans(
        keys=keys,
        key=key,
        trace=forest.trace[span],
        trace_ids=members.spans.trace_ids,
        start_ns=forest.start_ns[span],
        error=forest.error[span],
        duration_ns=forest.end_ns[span] - forest.start_ns[span],
        weight=weight,
        scaled=scaled,
    )
