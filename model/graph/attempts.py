"""Which spans are one try of the proxy span above them (rule G4)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE
from model.graph.directions import is_attempt, is_proxy
from model.graph.forest import Forest
from model.graph.span_columns import SpanColumns

__all__ = ["find_attempts"]


def find_attempts(spans: SpanColumns, forest: Forest) -> npt.NDArray[np.bool_]:
    """Return of each member whether it is an upstream attempt of its parent's proxy."""
    count = len(spans.classes)
    ranks = {name: rank for rank, name in enumerate({one.service_name for one in spans.classes})}
    name = np.fromiter((ranks[one.service_name] for one in spans.classes), np.int64, count)
    by_proxy = np.fromiter((is_proxy(one) for one in spans.classes), np.bool_, count)
    may_be = np.fromiter((is_attempt(one) for one in spans.classes), np.bool_, count)
    found: npt.NDArray[np.bool_] = may_be[forest.span_class] & (forest.parent != NONE)
    tries = np.flatnonzero(found)
    own, above = forest.span_class[tries], forest.span_class[forest.parent[tries]]
    found[tries] = by_proxy[above] & (name[own] == name[above])
    return found
