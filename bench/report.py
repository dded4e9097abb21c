"""The machine, the tables and the JSON file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.dataset import DiskResult
from bench.graph import GraphResult, RollupResult
from bench.ingest import IngestResult
from bench.latency import LatencyResult
from bench.machine import MachineSpeed, machine_facts, measure_speed
from bench.queries import KindResult
from bench.settings import Settings
from bench.targets import (
    Target,
    disk_targets,
    graph_targets,
    ingest_targets,
    latency_targets,
    query_targets,
    trace_page_targets,
)
from bench.trace_page import FrameTimes

__all__ = ["Report"]

_FILE_WIDTH = 250
_RESULTS = Path(__file__).parent / "results"


class Report:
    """Collects results, prints each part as a table when it is there, writes them all as JSON.

    Args:
        settings: of this run; they are part of the JSON.
    """

    def __init__(self, settings: Settings) -> None:
        self._store = settings.store
        terminal = Console()
        # Tables are Markdown, for documents: in a file no line may be folded.
        self._console = terminal if terminal.is_terminal else Console(width=_FILE_WIDTH)
        self._started = datetime.now(UTC)
        self._targets: list[tuple[Target, float]] = []
        self._speeds: list[MachineSpeed] = []
        self._parts: dict[str, object] = {
            "started": self._started.isoformat(timespec="seconds"),
            "machine": machine_facts(),
            "settings": dataclasses.asdict(settings),
        }

    def say(self, text: str) -> None:
        """Print what is being done."""
        self._console.print(text, style="dim", highlight=False)

    def begin(self, part: str) -> None:
        """Print which part comes now, and measure how fast the machine is."""
        self.say(part)
        self._speeds.append(measure_speed())
        self.say(f"machine: {self._speeds[-1]}")

    def store(self, facts: dict[str, str]) -> None:
        """Show what is set in the store's server, if it has one."""
        self._parts["store"] = facts
        told = ", ".join(f"{name} {value}" for name, value in facts.items())
        self.say(f"store: {self._store}{' with ' if told else ''}{told}")

    def ingest(self, results: list[IngestResult]) -> None:
        """Show part (a)."""
        self._end(ingest_targets(self._store, results))
        self._parts["ingest"] = [dataclasses.asdict(result) for result in results]
        first = results[0].stored_spans_per_second
        table = self._table(
            "Sustained acked ingest",
            "transport, spans a request, bytes a span, acked spans/s, stored spans/s, ratio, "
            "refused, ack p50 ms, ack p99 ms, peak RSS MB, peak PSS MB, CPU s per million spans",
        )
        for each in results:
            cpu = ", ".join(f"{role} {value:.1f}" for role, value in each.cpu_s_per_million.items())
            table.add_row(
                each.case.protocol,
                f"{each.template['spans_per_request']:.1f}",
                f"{each.template['bytes_per_span']:.0f}",
                f"{each.acked_spans_per_second:,.0f}",
                f"{each.stored_spans_per_second:,.0f}",
                f"{each.stored_spans_per_second / first:.2f}",
                str(each.load.sent_again),
                f"{each.load.latency.p50 * 1e3:.1f}",
                f"{each.load.latency.p99 * 1e3:.1f}",
                f"{each.rss_bytes / 1e6:.0f}",
                f"{each.pss_bytes / 1e6:.0f}",
                cpu,
            )
        self._console.print(table)

    def disk(self, result: DiskResult) -> None:
        """Show part (b)."""
        self._end(disk_targets(self._store, result))
        self._parts["disk"] = dataclasses.asdict(result)
        table = self._table(
            f"{result.spans:,} spans on disk, after a clean stop", "part, MB, bytes a span"
        )
        for name, size in result.parts.items():
            table.add_row(name, f"{size / 1e6:.1f}", f"{size / result.spans:.1f}")
        self._console.print(table)

    def queries(self, spans: int, results: list[KindResult]) -> None:
        """Show part (c)."""
        self._end(query_targets(self._store, results))
        self._parts["queries"] = {
            "spans": spans,
            "kinds": [dataclasses.asdict(result) for result in results],
        }
        table = self._table(
            f"Queries over {spans:,} spans, every answer checked",
            "question, asked, p50 ms, p99 ms, max ms",
        )
        for each in results:
            quantiles = (each.latency.p50, each.latency.p99, each.latency.max)
            table.add_row(each.kind, str(each.asked), *(f"{q * 1e3:.1f}" for q in quantiles))
        self._console.print(table)

    def graph(self, results: list[GraphResult], rollups: RollupResult) -> None:
        """Show part (d)."""
        self._end(graph_targets(results))
        self._parts["graph"] = {
            "questions": [dataclasses.asdict(result) for result in results],
            "rollups": dataclasses.asdict(rollups),
        }
        table = self._table(
            "The dependency graph, the calls of every answer counted",
            "question, asked, p50 ms, p99 ms, max ms, kB",
        )
        for each in results:
            quantiles = (each.latency.p50, each.latency.p99, each.latency.max)
            table.add_row(
                each.question,
                str(each.asked),
                *(f"{q * 1e3:.1f}" for q in quantiles),
                f"{each.bytes / 1e3:.0f}",
            )
        self._console.print(table)
        cost = rollups.seconds / rollups.spans * 1e6
        self.say(f"rolling up a day of {rollups.spans:,} spans took {cost:.1f} s a million spans")

    def latency(self, results: list[LatencyResult]) -> None:
        """Show part (e)."""
        self._end(latency_targets(results))
        self._parts["latency"] = [dataclasses.asdict(result) for result in results]
        table = self._table(
            "At half of the highest load, 5 spans a request",
            "transport, spans/s, ack p50 ms, ack p99 ms, ack max ms, searchable p50 ms, "
            "searchable p99 ms, peak RSS MB",
        )
        for each in results:
            table.add_row(
                each.protocol,
                f"{each.load.spans_per_second:,.0f}",
                f"{each.load.latency.p50 * 1e3:.1f}",
                f"{each.load.latency.p99 * 1e3:.1f}",
                f"{each.load.latency.max * 1e3:.1f}",
                f"{each.searchable.p50 * 1e3:.0f}",
                f"{each.searchable.p99 * 1e3:.0f}",
                f"{each.rss_bytes / 1e6:.0f}",
            )
        self._console.print(table)

    def trace_page(self, results: list[FrameTimes]) -> None:
        """Show the part of the web UI."""
        self._end(trace_page_targets(results))
        self._parts["ui"] = [dataclasses.asdict(result) for result in results]
        table = self._table(
            "10,000 spans scrolled on the trace's page",
            "pixels a frame, frames, p50 ms, p95 ms, max ms",
        )
        for each in results:
            table.add_row(
                f"{each.pixels_per_frame}",
                f"{each.frames}",
                f"{each.p50:.1f}",
                f"{each.p95:.1f}",
                f"{each.max:.1f}",
            )
        self._console.print(table)

    def targets(self) -> None:
        """Show what was wanted beside what was measured, of the parts that were run."""
        self._parts["targets"] = [
            {**dataclasses.asdict(target), "met": target.met, "slowness": slowness}
            for target, slowness in self._targets
        ]
        self._parts["speeds"] = [dataclasses.asdict(speed) for speed in self._speeds]
        table = self._table("Targets", "target, wanted, measured, unit, met, at their speed")
        for each, slowness in self._targets:
            sign = "≥" if each.higher_is_better else "≤"
            wanted, measured = f"{sign} {each.wanted:,.0f}", f"{each.measured:,.1f}"
            scaled = each.scaled(slowness)
            table.add_row(
                each.name,
                wanted,
                measured,
                each.unit,
                "yes" if each.met else "no",
                "" if scaled is None else f"{scaled:,.1f}",
            )
        self._console.print(table)
        self.say("at their speed: what it might be on the machine that the targets are from")

    def failure(self, message: str) -> None:
        """Record why the run is not valid."""
        self._parts["failure"] = message
        self._console.print(message, style="bold red", markup=False)

    def write(self) -> Path:
        """Write everything to ``bench/results/<time>.json``; returns the file."""
        _RESULTS.mkdir(exist_ok=True)
        path = _RESULTS / f"{self._started:%Y%m%dT%H%M%SZ}.json"
        path.write_text(json.dumps(self._parts, indent=2) + "\n")
        self.say(f"written to {path}")
        return path

    def _end(self, targets: Iterable[Target]) -> None:
        """Add the targets of a part, with how slow the machine was before and after it."""
        self._speeds.append(measure_speed())
        slowness = sum(speed.slowness for speed in self._speeds[-2:]) / len(self._speeds[-2:])
        self._targets.extend((target, slowness) for target in targets)

    def _table(self, title: str, columns: str) -> Table:
        self._console.print(f"\n### {title}", style="bold", highlight=False)
        table = Table(box=box.MARKDOWN)
        for place, column in enumerate(columns.split(", ")):
            table.add_column(column, justify="right" if place else "left")
        return table
