"""A bound on the keys of a period, for names that somebody makes up anew for each request.

The keys with the most calls stay. The others lose detail, one step after another until there are
few enough: first their operation, then the place that was called, then everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import Measures
from model.graph.place import Place, PlaceKind
from storage.metrics import REDUCED_KEYS

__all__ = ["MOST_KEYS", "OTHER", "limited", "reduced_edge", "reduced_operation"]

MOST_KEYS = 20_000
"""Distinct keys of one period."""

OTHER = "(other)"

_OTHER_PLACE = Place(PlaceKind.EXTERNAL, name=OTHER)
_STEPS = 3

Key = TypeVar("Key", bound=EdgeKey | OperationKey)


def reduced_edge(key: EdgeKey, step: int) -> EdgeKey:
    """Return the key of a rare edge with less detail."""
    if step == 1:
        return replace(key, operation=OTHER)
    return EdgeKey(
        source=key.source if step == 2 else _OTHER_PLACE,
        destination=_OTHER_PLACE,
        operation=OTHER,
        protocol=key.protocol,
        asynchronous=key.asynchronous,
        inferred=key.inferred,
        views=key.views,
        via=key.via,
    )


def reduced_operation(key: OperationKey, step: int) -> OperationKey:
    """Return the key of a rare operation with less detail."""
    if step == 1:
        return replace(key, operation=OTHER)
    return OperationKey(
        key.place if step == 2 else _OTHER_PLACE, OTHER, kind=key.kind, status=key.status
    )


def limited(
    keys: tuple[Key, ...],
    measures: Measures,
    reduced: Callable[[Key, int], Key],
    most: int = MOST_KEYS,
) -> tuple[tuple[Key, ...], Measures]:
    """Return at most about ``most`` keys; the sums over all of them stay what they were."""
    if len(keys) <= most:
        return keys, measures
    order = sorted(range(len(keys)), key=lambda row: (-int(measures.calls[row]), repr(keys[row])))
    kept = most // 2
    REDUCED_KEYS.inc(len(keys) - kept)
    rare = [keys[row] for row in order[kept:]]
    for step in range(1, _STEPS + 1):
        rare = [reduced(key, step) for key in rare]
        if len(set(rare)) <= most - kept:
            break
    return _grouped([*(keys[row] for row in order[:kept]), *rare], measures, order)


def _grouped(
    keys: Sequence[Key], measures: Measures, rows: list[int]
) -> tuple[tuple[Key, ...], Measures]:
    positions: dict[Key, int] = {}
    groups = np.empty(len(rows), np.int64)
    for key, row in zip(keys, rows, strict=True):
        groups[row] = positions.setdefault(key, len(positions))
    return tuple(positions), measures.grouped(groups, len(positions))
