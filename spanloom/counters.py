"""The values of the service's own metrics over all its processes, now and lately."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spanloom.self_metrics import metrics_of_processes

__all__ = ["CounterHistory", "Counters", "keep_history", "read_counters"]

_INTERVAL_S = 15.0
_WINDOW_NS = 300_000_000_000

_Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counters:
    """Samples of metrics by name and labels, summed over processes."""

    values: Mapping[tuple[str, _Labels], float]

    def total(self, name: str, **labels: str) -> int:
        """Return the sum of the samples of ``name`` that have ``labels``."""
        wanted = labels.items()
        return int(
            sum(
                value
                for (found, theirs), value in self.values.items()
                if found == name and wanted <= theirs
            )
        )

    def by(self, label: str, name: str) -> dict[str, int]:
        """Return the sums of the samples of ``name`` by the value of ``label``."""
        sums: Counter[str] = Counter()
        for (found, labels), value in self.values.items():
            if found == name:
                sums[dict(labels)[label]] += int(value)
        return dict(sums)

    def since(self, before: Counters) -> Counters:
        """Return by how much each sample has grown."""
        return Counters(
            {key: max(0.0, value - before.values.get(key, 0)) for key, value in self.values.items()}
        )


def read_counters() -> Counters:
    """Read the values of all processes. Reads files: not for an event loop's thread."""
    return Counters(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for metric in metrics_of_processes().collect()
            for sample in metric.samples
        }
    )


class CounterHistory:
    """Remembers the counters of the last five minutes, so that lately can be told from ever."""

    def __init__(
        self, now_ns: Callable[[], int], read: Callable[[], Counters] = read_counters
    ) -> None:
        """``now_ns`` tells the time in nanoseconds; ``read`` the counters."""
        self._now_ns = now_ns
        self._read = read
        self._past: deque[tuple[int, Counters]] = deque()

    def remember(self) -> None:
        """Read the counters and remember them; forget what is too old to be lately."""
        now_ns = self._now_ns()
        self._past.append((now_ns, self._read()))
        while len(self._past) > 1 and self._past[1][0] <= now_ns - _WINDOW_NS:
            self._past.popleft()

    def read(self) -> tuple[Counters, Counters, int]:
        """Return the counters, by how much they grew lately, and how long that is in ns."""
        counters = self._read()
        if not self._past:
            return counters, counters, 0
        then_ns, before = self._past[0]
        return counters, counters.since(before), max(0, self._now_ns() - then_ns)


async def keep_history(history: CounterHistory) -> None:
    """Let ``history`` remember every fifteen seconds, for ever."""
    while True:
        await asyncio.to_thread(history.remember)
        await asyncio.sleep(_INTERVAL_S)
