"""Runs a process's main coroutine: on uvloop where it is installed, with a calmer collector."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import TypeVar

__all__ = ["run"]

T = TypeVar("T")

# Batches are hundreds of thousands of objects that are never cyclic and soon gone. At Python's
# own threshold (700) looking for cycles takes a tenth of decoding and half of assembling a
# trace of 100,000 spans.
_COLLECT_AFTER_OBJECTS = 50_000

# A thread that comes back from compressing, from fsync or from the store waits this long for
# one that computes, several times in each commit: Python's own 5 ms would add up.
_SWITCH_INTERVAL_S = 0.0005


def run(main: Coroutine[object, object, T]) -> T:
    """Run ``main`` to its end and return its result."""
    gc.freeze()  # what is imported by now stays, and need not be looked at again
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    gc.set_threshold(_COLLECT_AFTER_OBJECTS, 20, 20)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # it has no wheels for some platforms
        return None
    return uvloop.new_event_loop
