"""Readers of Bookinfo: requests through the ingress gateway at a steady rate."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import aiohttp

from deploy.demo.mesh import Mesh

__all__ = ["PATHS", "TrafficReport", "drive"]

PATHS: dict[str, int] = {
    "/productpage": 8,
    "/api/v1/products/0": 2,
    "/api/v1/products/0/reviews": 2,
    "/api/v1/products/0/ratings": 1,
    # No route leads there: the gateway itself answers, with the flag NR.
    "/nowhere": 1,
}
"""The paths that are asked for, with their weights."""

_MOST_IN_FLIGHT = 64


@dataclass(slots=True)
class TrafficReport:
    """What came of the requests.

    Attributes:
        statuses: number of answers by HTTP status.
        failed: requests without an answer.
    """

    statuses: dict[int, int] = field(default_factory=dict)
    failed: int = 0

    @property
    def answered(self) -> int:
        """Requests that were answered, whatever the status."""
        return sum(self.statuses.values())

    def __str__(self) -> str:
        parts = [f"{number} x {status}" for status, number in sorted(self.statuses.items())]
        if self.failed:
            parts.append(f"{self.failed} x no answer")
        return ", ".join(parts) or "no requests"


async def drive(
    mesh: Mesh,
    *,
    rate: float,
    requests: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
) -> TrafficReport:
    """Send requests at a steady rate, whether or not earlier ones were answered.

    Args:
        mesh: a running mesh.
        rate: requests per second.
        requests: how many; without an end when None.
        seconds: for how long; without an end when None.
        seed: of the choice of paths.
    """
    report = TrafficReport()
    slots = asyncio.Semaphore(_MOST_IN_FLIGHT)
    loop = asyncio.get_running_loop()
    start = loop.time()
    numbers = count() if requests is None else range(requests)
    async with asyncio.TaskGroup() as group:
        for number, path in zip(numbers, _paths(seed), strict=False):
            due = number / rate
            if seconds is not None and due >= seconds:
                break
            await asyncio.sleep(start + due - loop.time())
            await slots.acquire()
            group.create_task(_send(mesh, path, report, slots))
    return report


async def _send(mesh: Mesh, path: str, report: TrafficReport, slots: asyncio.Semaphore) -> None:
    try:
        response = await mesh.request(path)
    except (aiohttp.ClientError, TimeoutError):
        report.failed += 1
    else:
        report.statuses[response.status] = report.statuses.get(response.status, 0) + 1
    finally:
        slots.release()


def _paths(seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    paths, weights = list(PATHS), list(PATHS.values())
    while True:
        yield chance.choices(paths, weights)[0]
