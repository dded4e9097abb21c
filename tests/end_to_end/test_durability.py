"""Acknowledged means on disk: kill -9 at random moments loses nothing and doubles nothing."""

import json
import random
import subprocess
import sys
import time

import psutil
import pytest

from tests.end_to_end.load import Load

pytestmark = pytest.mark.end_to_end

COUNT_BY_SPAN = "SELECT span_id, count(*) AS n FROM span_view GROUP BY span_id"


def stored(data_dir):
    """How often each span id is in the store, read by the user's own tool."""
    result = subprocess.run(
        [sys.executable, "-m", "spanloom", "sql", COUNT_BY_SPAN, "--format", "json",
         "--data-dir", str(data_dir), "--limit", "10000000"],
        capture_output=True,
        check=True,
        timeout=120,
    )  # fmt: skip
    return {row["span_id"]: row["n"] for row in json.loads(result.stdout)}


def assert_exactly_once(load, data_dir):
    counts = stored(data_dir)

    assert set() == load.acknowledged - set(counts)
    assert {1} == set(counts.values())


def test_every_acknowledged_span_is_stored_exactly_once_after_kills_at_random_moments(
    serve, tmp_path
):
    service = serve()
    addresses = service.addresses
    with Load(service.grpc) as load:
        for _ in range(4):
            load.wait_for_acks(200)
            # The moment of the kill is the point of this test: it must fall anywhere.
            time.sleep(random.uniform(0, 0.8))
            service.kill()
            service = serve(addresses=addresses)
        load.wait_for_acks(200)
    assert 0 == service.stop()

    assert_exactly_once(load, tmp_path / "data")


@pytest.mark.parametrize("role", ["main", "receiver"])
def test_killing_one_process_alone_loses_and_doubles_nothing(serve, tmp_path, role):
    service = serve("--workers", "2")
    addresses = service.addresses
    with Load(service.grpc) as load:
        load.wait_for_acks(200)
        main, *receivers = service.processes()
        (main if role == "main" else receivers[0]).kill()
        if role == "main":
            psutil.wait_procs([main, *receivers], timeout=60)
            service = serve("--workers", "2", addresses=addresses)
        load.wait_for_acks(200)
    assert 0 == service.stop()

    assert_exactly_once(load, tmp_path / "data")


def test_a_store_that_fails_for_a_while_fails_no_export_and_loses_nothing(serve, tmp_path):
    service = serve()
    main, *_ = service.processes()
    with Load(service.grpc) as load:
        load.wait_for_acks(200)
        # From now on every write of the store's process beyond a file's first bytes fails, as on a
        # full disk; receivers are other processes and go on.
        main.rlimit(psutil.RLIMIT_FSIZE, (1, psutil.RLIM_INFINITY))
        service.eventually(
            lambda: service.metric("otelcol_exporter_send_failed_requests_total") >= 2
        )
        refused = load.refused
        load.wait_for_acks(2000)
        assert refused == load.refused == 0
        main.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        load.wait_for_acks(200)
    service.eventually(lambda: service.metric("spanloom_spool_backlog_spans") == 0)
    assert 0 == service.stop()

    assert_exactly_once(load, tmp_path / "data")


def test_the_service_stays_ready_while_the_store_fails(serve):
    service = serve()
    main, *_ = service.processes()
    main.rlimit(psutil.RLIMIT_FSIZE, (1, psutil.RLIM_INFINITY))
    with Load(service.grpc) as load:
        load.wait_for_acks(10)
        service.eventually(
            lambda: service.metric("otelcol_exporter_send_failed_requests_total") >= 1
        )

        assert service.get("/ready", part="health") is not None
    main.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    assert 0 == service.stop()
