"""Who in the same trace may be the same: equal in name, agreeing in namespace and cluster.

A namespace or cluster that is not known agrees with any (rule G6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE

__all__ = ["Subject", "agreeing"]

Int64s = npt.NDArray[np.int64]

_Bucket = tuple[tuple[str, ...], str | None, str | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What has to agree; an empty namespace or cluster is not known."""

    name: tuple[str, ...]
    namespace: str
    cluster: str


def agreeing(
    offers: tuple[Int64s, Int64s, Int64s],
    asks: tuple[Int64s, Int64s],
    subjects: Sequence[Subject],
) -> tuple[Int64s, Int64s]:
    """Return the least and the greatest value offered to each ask; NONE twice for no offer.

    Both are equal if there is one value only.

    Args:
        offers: trace, subject and value of each.
        asks: trace and subject of each.
        subjects: that the others are indexes of.
    """
    least = np.full(len(asks[0]), np.iinfo(np.int64).max)
    greatest = np.full(len(asks[0]), NONE)
    if len(offers[0]) and len(asks[0]):
        buckets: dict[_Bucket, int] = {}
        offered = _table([_offered(one) for one in subjects], buckets, grow=True)[offers[1]]
        asked = _table([_asked(one) for one in subjects], buckets, grow=False)[asks[1]]
        keys, least_of, greatest_of = _by_key(
            (offers[0][:, None] * len(buckets) + offered).ravel(),
            np.repeat(offers[2], offered.shape[1]),
        )
        for column in asked.T:
            key = asks[0] * len(buckets) + column
            at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            found = np.flatnonzero((column != NONE) & (keys[at] == key))
            least[found] = np.minimum(least[found], least_of[at[found]])
            greatest[found] = np.maximum(greatest[found], greatest_of[at[found]])
    least[greatest == NONE] = NONE
    return least, greatest


def _offered(subject: Subject) -> list[_Bucket]:
    namespaces, clusters = (subject.namespace, None), (subject.cluster, None)
    return [(subject.name, *rest) for rest in product(namespaces, clusters)]


def _asked(subject: Subject) -> list[_Bucket]:
    namespaces = (subject.namespace, "") if subject.namespace else (None,)
    clusters = (subject.cluster, "") if subject.cluster else (None,)
    return [(subject.name, *rest) for rest in product(namespaces, clusters)]


def _table(rows: list[list[_Bucket]], buckets: dict[_Bucket, int], *, grow: bool) -> Int64s:
    table = np.full((len(rows), 4), NONE)
    for row, wanted in enumerate(rows):
        for column, bucket in enumerate(wanted):
            number = buckets.setdefault(bucket, len(buckets)) if grow else buckets.get(bucket)
            table[row, column] = NONE if number is None else number
    return table


def _by_key(keys: Int64s, values: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    order = np.argsort(keys)
    keys, values = keys[order], values[order]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[begins], np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)
