"""The machine of a run: what it is, and how fast it is at the moment.

Machines of one name differ by a factor of two and more, and so does one machine from one hour to
the next. Targets come from figures of one of them; so each part of a run measures beside its own
figures what that machine was measured by: the CPU that a span of Envoy's takes to parse.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import psutil
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.spans import Template, build_template

__all__ = ["OF_TARGETS", "MachineSpeed", "machine_facts", "measure_speed"]

_PACKAGES = ("duckdb", "psycopg", "sqlalchemy", "grpcio", "aiohttp", "protobuf", "pyarrow")
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class MachineSpeed:
    """CPU time a span takes on one core, microseconds.

    Attributes:
        parse_us: by protobuf, in C.
        walk_us: that, and going through all attributes in Python.
    """

    parse_us: float
    walk_us: float

    @property
    def slowness(self) -> float:
        """How many times longer than on the machine that the targets are from."""
        return self.walk_us / OF_TARGETS.walk_us

    def __str__(self) -> str:
        return (
            f"{self.parse_us:.1f} µs of CPU to parse a span, {self.walk_us:.1f} to walk it in "
            f"Python ({OF_TARGETS.parse_us} and {OF_TARGETS.walk_us} where the targets are from)"
        )


OF_TARGETS = MachineSpeed(1.9, 12.8)
"""Of the machine whose figures the targets were set by; 20 attributes and 910 bytes a span."""


def measure_speed() -> MachineSpeed:
    """Return the speed of the moment: medians of some repeats; takes about a second."""
    template = _template()
    requests: list[ExportTraceServiceRequest] = []

    def parse() -> None:
        requests[:] = map(ExportTraceServiceRequest.FromString, template.bodies)

    parse_s = statistics.median(_cpu_s(parse) for _ in range(_REPEATS))
    walk_s = statistics.median(_cpu_s(lambda: _walk(requests)) for _ in range(_REPEATS))
    per_span = 1e6 / template.span_count
    return MachineSpeed(parse_s * per_span, (parse_s + walk_s) * per_span)


@lru_cache(maxsize=1)
def _template() -> Template:
    return build_template(traces=600, spans_per_request=512, round_ns=1_000_000_000, seed=1)


def _walk(requests: list[ExportTraceServiceRequest]) -> int:
    length = 0
    for request in requests:
        for resource_spans in request.resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    for attribute in span.attributes:
                        length += len(attribute.key) + len(attribute.value.string_value)
    return length


def _cpu_s(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


def machine_facts() -> dict[str, object]:
    """What the figures depend on, as far as the machine tells."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average_at_start": os.getloadavg(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "packages": {name: version(name) for name in _PACKAGES},
    }
