"""What the rollups have seen, and which minutes they do not say right.

Pieces of traces are numbered in the order of their commits. Those below the *watermark* have been
examined: every minute that they touch is pending until its rows are replaced by what these
pieces say. A minute is *stale*, and must be computed from spans, if it is pending or if a piece
above the watermark touches it: by its trace's time before or after, or by a link to its trace.
Whatever stops where, the rows of a minute that is not stale are right.

The retention *freezes* minutes in which it may have deleted spans: rows of theirs that exist stay
as they are, for spans that come later can no longer be added to what is gone. Minutes without
rows are still rolled up, from what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from storage.graph.pieces import (
    NO_BOUND,
    group_pieces,
    pieces_of,
    trace_times,
    traces_within,
)
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.rollup_schema import MINUTE_NS, WIDTHS_NS
from storage.schema import Schema

__all__ = [
    "RollupState",
    "StateName",
    "changed_minutes",
    "freeze",
    "read_numbers",
    "read_state",
    "set_number",
]

Int64s = npt.NDArray[np.int64]

_NEWEST, _PENDING, _ROLLED = "newest", "pending", "rolled"


class StateName(StrEnum):
    """The numbers in ``rollup_state``; one that is not there is 0.

    WATERMARK is a ``spans.seq``. FROZEN_NS is a time before which minutes are frozen. EXPIRED_NS
    is a time before which rollups have been deleted for their age: a whole day.
    """

    WATERMARK = "watermark"
    FROZEN_NS = "frozen_ns"
    EXPIRED_NS = "expired_ns"


@dataclass(frozen=True, slots=True)
class RollupState:
    """What the rollups of a window are worth.

    Attributes:
        rolled: starts of the periods that have rows, by width, rising.
        rolled_at_ns: when these rows were written.
        stale: starts of minutes whose rows must not be used, rising.
    """

    watermark: int
    frozen_ns: int
    expired_ns: int
    rolled: Mapping[int, Int64s]
    rolled_at_ns: Mapping[int, Int64s]
    stale: Int64s

    def version(self, width: int, first_ns: int, last_ns: int) -> bytes:
        """Return what changes whenever rows of periods from ``first_ns`` to ``last_ns`` do."""
        bounds = np.searchsorted(self.rolled[width], (first_ns, last_ns + 1))
        return self.rolled_at_ns[width][slice(*bounds)].tobytes()


def read_state(snapshot: GraphSnapshot, from_ns: int, to_ns: int) -> RollupState:
    """Return the state of the periods that overlap ``[from_ns, to_ns)``."""
    told = snapshot.fetch(
        _FACTS.of(snapshot.schema), after_ns=from_ns - WIDTHS_NS[-1], last_ns=to_ns - 1
    )
    is_period = pc.equal(told.column("name"), _ROLLED)
    facts = told.filter(pc.invert(is_period)).to_pydict()
    found = list(zip(facts["name"], facts["value"], strict=True))
    numbers = {name: next((v for n, v in found if n == name), 0) for name in StateName}
    pending = np.array([value for name, value in found if name == _PENDING], np.int64)
    watermark = numbers[StateName.WATERMARK]
    periods = told.filter(is_period)
    start, width, rolled_at_ns = (column.to_numpy() for column in periods.columns[1:])
    order = np.argsort(start)
    rows = {one: order[width[order] == one] for one in WIDTHS_NS}
    rolled = {one: start[of_width] for one, of_width in rows.items()}
    first_ns, end_ns = from_ns - from_ns % MINUTE_NS, to_ns + -to_ns % MINUTE_NS
    if any(value >= watermark for name, value in found if name == _NEWEST and value is not None):
        changed = changed_minutes(snapshot, watermark, within=(first_ns, end_ns))
        pending = np.concatenate((pending, changed))
    stale = np.unique(pending)
    frozen_ns = numbers[StateName.FROZEN_NS]
    return RollupState(
        watermark=watermark,
        frozen_ns=frozen_ns,
        expired_ns=numbers[StateName.EXPIRED_NS],
        rolled=rolled,
        rolled_at_ns={one: rolled_at_ns[of_width] for one, of_width in rows.items()},
        stale=stale[(stale >= frozen_ns) | ~np.isin(stale, rolled[MINUTE_NS])],
    )


def changed_minutes(
    snapshot: GraphSnapshot,
    watermark: int,
    end_seq: int = NO_BOUND,
    within: tuple[int, int] | None = None,
) -> Int64s:
    """Return the minutes that pieces from ``watermark`` on change, rising, one for each trace.

    Args:
        snapshot: where to look.
        watermark: ``seq`` of the first new piece.
        end_seq: where the pieces that exist end.
        within: the range of whole minutes that matters; others may be missing.
    """
    bounds = {"watermark": watermark, "end_seq": end_seq}
    if within is None:
        rows = snapshot.fetch(_CHANGED.of(snapshot.schema), **bounds)
    else:
        first_ns, end_ns = within
        statement = _CHANGED_WITHIN.of(snapshot.schema)
        rows = snapshot.fetch(statement, from_ns=first_ns, last_ns=end_ns - 1, **bounds)
    pieces = group_pieces(rows)
    is_new = pieces.first_seq >= watermark
    # A trace that has its limit of spans does not change by more.
    is_changed = np.zeros(len(pieces), bool)
    is_changed[pieces.trace[is_new]] = True
    before = np.flatnonzero(is_changed[pieces.trace] & ~is_new)
    times = trace_times(pieces.trace[before], pieces.start_ns[before], pieces.root_ns[before])
    links = snapshot.fetch(_LINKING.of(snapshot.schema), **bounds).column("start_ns").to_numpy()
    times = np.concatenate((times, pieces.times_ns[is_changed], links))
    return np.sort(times - times % MINUTE_NS)


def read_numbers(connection: Connection, schema: Schema) -> dict[StateName, int]:
    """Return all numbers of the state."""
    state = schema.graph.rollup_state
    found = {name: int(value) for name, value in connection.execute(select(state)).all()}
    return {name: found.get(name.value, 0) for name in StateName}


def set_number(connection: Connection, schema: Schema, name: StateName, value: int) -> None:
    """Set one number of the state; each is set by one thread only."""
    state = schema.graph.rollup_state
    is_it = state.c.name == name.value
    if not connection.execute(select(state.c.value).where(is_it)).all():
        connection.execute(insert(state).values(name=name.value, value=value))
    else:
        connection.execute(update(state).where(is_it).values(value=value))


def freeze(connection: Connection, schema: Schema, before_ns: int) -> None:
    """Freeze the minutes before ``before_ns``, whose spans are about to be deleted."""
    if before_ns > read_numbers(connection, schema)[StateName.FROZEN_NS]:
        set_number(connection, schema, StateName.FROZEN_NS, before_ns)


def _facts(schema: Schema) -> CompoundSelect[*tuple[Any, ...]]:
    """The numbers of the state, the newest piece, and minutes and periods, all in one query."""
    state, pending = schema.graph.rollup_state.c, schema.graph.pending_minutes.c
    periods = schema.graph.rolled_periods.c
    after_ns, last_ns = (bindparam(name, type_=BigInteger) for name in ("after_ns", "last_ns"))
    nothing = literal(0, BigInteger)
    return union_all(
        select(state.name, state.value, nothing.label("width_ns"), nothing.label("rolled_at_ns")),
        select(literal(_NEWEST), func.max(schema.traces.c.first_seq), nothing, nothing),
        select(literal(_PENDING), pending.start_ns, nothing, nothing),
        select(literal(_ROLLED), periods.start_ns, periods.width_ns, periods.rolled_at_ns).where(
            periods.start_ns > after_ns, periods.start_ns <= last_ns
        ),
    )


def _new_traces(schema: Schema) -> Select[*tuple[Any, ...]]:
    traces = schema.traces.c
    watermark, end_seq = (bindparam(name, type_=BigInteger) for name in ("watermark", "end_seq"))
    return select(traces.trace_id).where(traces.first_seq >= watermark, traces.first_seq < end_seq)


def _changed(schema: Schema) -> Select[*tuple[Any, ...]]:
    return pieces_of(schema, _new_traces(schema), bindparam("end_seq", type_=BigInteger))


def _changed_within(schema: Schema) -> Select[*tuple[Any, ...]]:
    trace_id = schema.traces.c.trace_id
    # Few traces are both, most often none: then the rest of the table is not looked at.
    both = traces_within(schema).where(trace_id.in_(_new_traces(schema)))
    return pieces_of(schema, both, bindparam("end_seq", type_=BigInteger))


def _linking(schema: Schema) -> Select[*tuple[Any, ...]]:
    targets = schema.graph.link_targets.c
    return select(targets.start_ns).distinct().where(targets.trace_id.in_(_new_traces(schema)))


_FACTS = PerSchema(_facts)
_CHANGED = PerSchema(_changed)
_CHANGED_WITHIN = PerSchema(_changed_within)
_LINKING = PerSchema(_linking)
