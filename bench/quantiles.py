"""Quantiles of a small sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Quantiles"]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Median, 99th percentile and maximum, in the unit of the sample."""

    p50: float
    p99: float
    max: float

    @classmethod
    def of(cls, sample: Sequence[float]) -> Quantiles:
        """Return the quantiles by nearest rank. Raises ValueError on an empty sample."""
        if not sample:
            raise ValueError("there are no quantiles of nothing")
        ordered = sorted(sample)

        def rank(share: float) -> float:
            return ordered[max(math.ceil(share * len(ordered)), 1) - 1]

        return cls(rank(0.5), rank(0.99), ordered[-1])
