"""``collector`` and ``query`` apart, on a real PostgreSQL."""

from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from spanloom.cli import main
from tests.spanloom.conftest import RunningService, wait_for
from tests.spanloom.exports import send_trace

NOBODY = "postgresql://spanloom:hunter2@127.0.0.1:1/traces"


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def stored(query, trace_id):
    answer = requests.get(query.url("query", f"/api/v1/traces/{trace_id}"), timeout=10)
    return answer.status_code == 200 and answer.json()["summary"]["span_count"] == 2


def is_leading(service):
    text = requests.get(service.url("metrics", "/metrics"), timeout=10).text
    return "spanloom_store_leading 1.0" in text.splitlines()


@pytest.fixture(scope="module")
def database(postgresql_databases):
    with postgresql_databases.fresh() as url:
        yield url


@pytest.fixture(scope="module")
def collector(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("collector") / "data"
    running = RunningService(folder, "--store", database, "--workers", "1", role="collector")
    try:
        yield running.wait_until_ready()
    finally:
        running.dispose()


@pytest.fixture(scope="module")
def query(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("query") / "data"
    running = RunningService(
        folder, role="query", SPANLOOM_STORE_URL=database, SPANLOOM_METRICS_MESH_ENABLED="true"
    )
    try:
        yield running.wait_until_ready()
    finally:
        running.dispose()


@pytest.fixture(scope="module")
def trace_id(collector, query):
    sent = send_trace(collector.addresses)
    wait_for(lambda: stored(query, sent), "the trace")
    return sent


def test_what_a_collector_takes_in_a_query_tells(query, trace_id):
    assert stored(query, trace_id)


def test_each_listens_for_its_own_part_only(collector, query):
    assert {"otlp/grpc", "otlp/http", "health", "metrics"} == set(collector.addresses)
    assert {"query", "jaeger/grpc", "health", "metrics"} == set(query.addresses)


def test_a_query_process_says_that_what_is_received_is_told_elsewhere(query, trace_id):
    answer = requests.get(query.url("query", "/api/v1/system"), timeout=30).json()

    assert ("query", "postgresql", 2) == (
        answer["role"],
        answer["store"]["engine"],
        answer["store"]["spans"],
    )
    assert [None] * 3 == [answer[part] for part in ("received", "spool", "peers")]
    assert {"receivers", "received", "peers", "faults", "spool", "lag"} <= {
        each["part"] for each in answer["not_known"] if "collectors" in each["reason"]
    }
    assert "spans" in {each["name"] for each in answer["store"]["tables"]}


def test_each_tells_its_role_and_its_parts(collector, query):
    reports = [service.health()[1] for service in (collector, query)]

    assert ["collector", "query"] == [report["role"] for report in reports]
    assert [{"receivers", "pipeline", "store"}, {"store"}] == [set(r["parts"]) for r in reports]


def test_the_password_is_told_by_neither(database, collector, query):
    password = urlsplit(database).password
    for service in (collector, query):
        told = [
            requests.get(service.url("health", "/status"), timeout=10).text,
            requests.get(service.url("metrics", "/metrics"), timeout=10).text,
            service.log.read_text(),
        ]
        assert not [text for text in told if password in text]


def test_the_metrics_of_the_mesh_are_the_querys(collector, query):
    codes = [
        requests.get(service.url("metrics", "/metrics/mesh"), timeout=10).status_code
        for service in (collector, query)
    ]

    assert [404, 200] == codes


def test_the_whole_service_runs_on_a_database_too(postgresql_url, start_service):
    service = start_service("--store", postgresql_url, "--workers", "1").wait_until_ready()
    sent = send_trace(service.addresses)
    wait_for(lambda: stored(service, sent), "the trace")

    assert "serve" == service.health()[1]["role"]
    assert 0 == service.terminate()
    assert not (service.data_dir / "store" / "spans.duckdb").exists()


def test_one_leads_and_when_it_is_killed_another_does(postgresql_url, start_service, tmp_path):
    queries = [
        start_service(
            *("--store", postgresql_url),
            role="query",
            data_dir=tmp_path / f"query-{number}",
            SPANLOOM_STORE_ROLLUPS_INTERVAL="100ms",
        ).wait_until_ready()
        for number in range(2)
    ]
    wait_for(lambda: any(map(is_leading, queries)), "a leader")
    leader, other = sorted(queries, key=is_leading, reverse=True)

    assert not is_leading(other)
    leader.process.kill()
    wait_for(lambda: is_leading(other), "the other one to lead")
    assert "this process now keeps the rollups and the retention" in other.log.read_text()


def test_a_query_needs_no_directory_and_leaves_none(database, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    service = RunningService(
        tmp_path / "data", "--store", database, role="query", keep=False, TMPDIR=str(temporary)
    )
    try:
        service.wait_until_ready()
        assert 1 == len(list(temporary.iterdir()))
        assert 0 == service.terminate()
    finally:
        service.dispose()

    assert [] == list(temporary.iterdir())
    assert not (tmp_path / "data").exists()


def test_a_query_starts_without_its_database_and_is_not_ready(start_service):
    service = start_service("--store", NOBODY, role="query").wait_until_ready()
    code, report = service.health()

    assert (503, "the store does not answer") == (code, report["status"])
    assert 200 == requests.get(service.url("health", "/live"), timeout=10).status_code
    assert 0 == service.terminate()
    assert "hunter2" not in service.log.read_text()


def test_a_collector_acknowledges_without_its_database(start_service):
    service = start_service("--store", NOBODY, "--workers", "1", role="collector")
    service.wait_until_ready()

    assert len(send_trace(service.addresses)) == 32
    assert 200 == service.health()[0]
    assert "hunter2" not in service.log.read_text()


def test_sql_and_trace_ask_the_database_that_a_url_names(database, trace_id):
    counted = run("sql", "SELECT count(*) AS n FROM spans", "--store", database, "--format", "csv")
    shown = run("trace", trace_id, "--store", database)

    assert ["n", "2"] == counted.output.split()
    assert "shop checkout" in shown.output


def test_sql_over_a_database_only_reads(database, trace_id):
    answer = run("sql", "DELETE FROM spans", "--store", database)

    assert 1 == answer.exit_code
    assert "Error: " in answer.stderr


@pytest.mark.parametrize("role", ["collector", "query"])
def test_sql_and_trace_find_the_service_on_a_data_directory(role, request, trace_id):
    directory = ("--data-dir", str(request.getfixturevalue(role).data_dir))

    assert "2" in run("sql", "SELECT count(*) FROM spans", *directory, "--format", "csv").output
    assert "shop checkout" in run("trace", trace_id, *directory).output


def test_sql_says_that_a_database_does_not_answer():
    answer = run("sql", "SELECT 1", "--store", NOBODY)

    assert 1 == answer.exit_code
    assert "127.0.0.1" in answer.stderr
    assert "hunter2" not in answer.output


def test_import_into_a_query_says_what_to_name(query, tmp_path):
    file = tmp_path / "a.json"
    file.write_text("{}")
    answer = run("import", str(file), "--data-dir", str(query.data_dir))

    assert 1 == answer.exit_code
    assert "name a collector by --endpoint" in answer.stderr


def test_import_finds_the_collector_on_a_data_directory(collector, tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{"resourceSpans": []}')

    assert "0 spans sent" in run("import", str(file), "--data-dir", str(collector.data_dir)).output
