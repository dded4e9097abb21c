"""The service's own metrics, and their sum over its processes in Prometheus' text format.

prometheus_client keeps the values of each process in files of PROMETHEUS_MULTIPROC_DIR, which
must be set before its first import; ``spanloom.commands.running`` sees to that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

__all__ = [
    "CONTENT_TYPE_LATEST",
    "MetricsPage",
    "mark_process_dead",
    "mesh_metrics_counted_until",
    "mesh_metrics_dropped_series",
    "mesh_metrics_failures",
    "mesh_metrics_late_traces",
    "mesh_metrics_series",
    "metrics_of_processes",
    "process_metrics",
    "receiver_restarts",
    "retention_failures",
    "rollup_failures",
    "store_bytes",
    "store_leading",
    "store_spans",
    "store_up",
]

receiver_restarts = Counter(
    "spanloom_receiver_restarts", "Receiver processes that ended unasked and were started again."
)
retention_failures = Counter("spanloom_retention_failures", "Runs of the retention that failed.")
rollup_failures = Counter("spanloom_rollup_failures", "Runs of the rollups that failed.")
store_up = Gauge(
    "spanloom_store_up", "1 while the store answers, else 0.", multiprocess_mode="mostrecent"
)
store_leading = Gauge(
    "spanloom_store_leading",
    "1 in the process that keeps the store's rollups and retention, else 0.",
    multiprocess_mode="mostrecent",
)
store_spans = Gauge("spanloom_store_spans", "Spans in the store.", multiprocess_mode="mostrecent")
store_bytes = Gauge(
    "spanloom_store_bytes", "Bytes of the store on disk.", multiprocess_mode="mostrecent"
)
mesh_metrics_series = Gauge(
    "spanloom_mesh_metrics_series",
    "Lines that /metrics/mesh serves.",
    multiprocess_mode="mostrecent",
)
mesh_metrics_dropped_series = Counter(
    "spanloom_mesh_metrics_dropped_series",
    "New series that metrics.mesh.max_series left no room for, at each reading of spans.",
)
mesh_metrics_late_traces = Counter(
    "spanloom_mesh_metrics_late_traces",
    "Traces that came (missed) or grew (incomplete) within 5 minutes after being due.",
    ["kind"],
)
mesh_metrics_failures = Counter(
    "spanloom_mesh_metrics_failures", "Readings of spans for /metrics/mesh that failed."
)
mesh_metrics_counted_until = Gauge(
    "spanloom_mesh_metrics_counted_until_seconds",
    "Traces before this time (seconds since the epoch) are in /metrics/mesh.",
    multiprocess_mode="mostrecent",
)

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def metrics_of_processes() -> CollectorRegistry:
    """Return a registry of all processes' metrics. To collect it reads files."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # untyped there
    return registry


class MetricsPage:
    """Renders all metrics; ``processes`` gives the name and process id of each process."""

    def __init__(self, processes: Callable[[], Iterable[tuple[str, int]]]) -> None:
        self._processes = processes

    def render(self) -> bytes:
        """Return the text of ``/metrics``. Reads files: not for an event loop's thread."""
        registry = metrics_of_processes()
        registry.register(_Processes(list(self._processes())))
        return generate_latest(registry)


def mark_process_dead(process: str) -> None:
    """Forget the gauges of a process that has ended; its counters stay in the sums."""
    multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call] # untyped there


class _Processes(Collector):
    def __init__(self, processes: list[tuple[str, int]]) -> None:
        self._metrics = process_metrics(processes)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def process_metrics(processes: Iterable[tuple[str, int]]) -> tuple[Metric, ...]:
    """Return CPU time, memory and age of each (name, process id), by the Collector's names."""
    cpu = CounterMetricFamily(
        "otelcol_process_cpu_seconds", "CPU seconds, user and system.", labels=["process"]
    )
    memory = GaugeMetricFamily(
        "otelcol_process_memory_rss", "Resident memory in bytes.", labels=["process"]
    )
    uptime = GaugeMetricFamily(
        "otelcol_process_uptime", "Seconds since the process started.", labels=["process"]
    )
    for name, pid in processes:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed
        # proc_pid_stat(5), from field 3 on: the name before may hold blanks and brackets.
        fields = text.rpartition(")")[2].split()
        cpu.add_metric([name], (int(fields[11]) + int(fields[12])) / _TICKS)
        memory.add_metric([name], int(fields[21]) * _PAGE_BYTES)
        started_s = int(fields[19]) / _TICKS
        uptime.add_metric([name], time.clock_gettime(time.CLOCK_BOOTTIME) - started_s)
    return cpu, memory, uptime
