"""``python -m bench``: measure the service on this machine."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import aiohttp
import click
import grpc
import psutil
import psycopg

from bench.client import LoadClient, Protocol
from bench.dataset import load_dataset
from bench.graph import measure_day, measure_minute
from bench.ingest import measure_ingest
from bench.latency import measure_latency
from bench.queries import WrongAnswer, ask
from bench.report import Report
from bench.service import Service
from bench.settings import FULL, QUICK, Settings
from bench.stores import Engine, Stores, open_stores
from bench.trace_page import measure_trace_page

_FAILURES = (
    WrongAnswer,
    RuntimeError,
    OSError,
    aiohttp.ClientError,
    grpc.RpcError,
    psutil.Error,
    psycopg.Error,
)
PARTS = ("ingest", "disk", "queries", "graph", "latency", "ui")


@click.command(context_settings={"show_default": True})
@click.option(
    "--store",
    type=click.Choice([engine.value for engine in Engine]),
    default=Engine.DUCKDB.value,
    help="What keeps the spans; a PostgreSQL is started, or is that of SPANLOOM_TEST_POSTGRESQL.",
)
@click.option("--only", default=",".join(PARTS), help="Parts to run, separated by commas.")
@click.option("--quick", is_flag=True, help="Small and short: to try the harness, not for figures.")
@click.option("--spans", type=int, help="Spans in the store for disk and queries.")
@click.option("--seconds", type=float, help="Length of each measured load.")
@click.option("--warm-up", type=float, help="Seconds of load before it.")
@click.option("--queries", type=int, help="Queries of each kind.")
@click.option("--workers", type=int, help="Receiver processes of the service.")
@click.option("--work-dir", type=click.Path(path_type=Path), help="Where data directories go.")
def main(
    store: str,
    only: str,
    quick: bool,
    spans: int | None,
    seconds: float | None,
    warm_up: float | None,
    queries: int | None,
    workers: int | None,
    work_dir: Path | None,
) -> None:
    """Measure a Spanloom of its own; print tables and write bench/results/<time>.json."""
    parts = only.split(",")
    if unknown := set(parts) - set(PARTS):
        raise click.UsageError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    base = QUICK if quick else FULL[Engine(store)]
    settings = replace(
        base,
        store=Engine(store),
        spans=spans or base.spans,
        seconds=seconds or base.seconds,
        warm_up_s=warm_up or base.warm_up_s,
        queries=queries or base.queries,
        workers=workers or base.workers,
    )
    report = Report(settings)
    # PostgreSQL's data lie beside the data directories, in a directory that its user may enter.
    tempfile.tempdir = None if work_dir is None else str(work_dir)
    with tempfile.TemporaryDirectory(prefix="spanloom-bench-") as work:
        try:
            with open_stores(settings.store) as stores:
                report.store(stores.facts())
                run(parts, settings, stores, report, Path(work))
        except _FAILURES as error:
            report.failure(f"{type(error).__name__}: {error}")
            report.write()
            sys.exit(1)
    report.targets()
    report.write()


def run(parts: list[str], settings: Settings, stores: Stores, report: Report, work: Path) -> None:
    """Run the chosen parts in order."""
    client = LoadClient(work)
    full: dict[Protocol, float] = {}
    if "ingest" in parts:
        report.begin("ingest: sustained load, each shape on a service of its own")
        ingested = []
        for result in measure_ingest(client, settings, stores, work / "ingest"):
            report.say(f"  {result.case.protocol} {result.case.spans_per_request} done")
            ingested.append(result)
            if result.case.spans_per_request == 5:
                full[result.case.protocol] = result.stored_spans_per_second
        report.ingest(ingested)
    if {"disk", "queries", "graph"} & set(parts):
        _run_on_data(parts, client, settings, stores, report, work)
    if "latency" in parts:
        report.begin("latency: half of the highest load, with probes")
        report.latency(measure_latency(client, settings, stores, work / "latency", full))
    if "ui" in parts:
        report.begin("ui: a trace of 10,000 spans, scrolled in a browser")
        report.trace_page(list(measure_trace_page(settings, stores, work / "ui")))


def _run_on_data(
    parts: list[str],
    client: LoadClient,
    settings: Settings,
    stores: Stores,
    report: Report,
    work: Path,
) -> None:
    report.begin(f"data set: storing {settings.spans:,} spans")
    with stores.fresh() as store:
        data, disk = load_dataset(client, settings, store, work / "dataset")
        report.disk(disk)
        arguments = (*settings.serve_arguments, *store.arguments)
        with Service(work / "dataset", arguments) as service:
            if "queries" in parts:
                report.begin(f"queries: {settings.queries} of each kind")
                answers = ask(service.query, data, settings.queries, settings.seed)
                report.queries(data.span_count, asyncio.run(answers))
            if "graph" in parts:
                report.begin("graph: sixty seconds from spans, then a day of the large mesh")
                minute = measure_minute(service, data, settings)
    if "graph" in parts:
        day, rollups = measure_day(client, settings, stores, work / "day")
        report.graph([minute, *day], rollups)


if __name__ == "__main__":
    main()
