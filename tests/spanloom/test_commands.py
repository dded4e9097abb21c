"""``sql``, ``trace`` and ``import`` against a running service and against its files."""

import json

import pytest
import requests
from click.testing import CliRunner

from spanloom.cli import main
from tests.spanloom.conftest import wait_for
from tests.spanloom.exports import send_trace

COUNT = "SELECT count(*) AS n FROM spans"


def run(*arguments):
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def trace_id(service):
    sent = send_trace(service.addresses)
    url = service.url("query", f"/api/v1/traces/{sent}")
    wait_for(lambda: requests.get(url, timeout=10).status_code == 200, "the trace")
    return sent


def test_sql_asks_the_running_service(service, trace_id):
    statement = "SELECT name FROM spans ORDER BY name"
    answer = run("sql", statement, "--data-dir", str(service.data_dir), "--format", "csv")

    assert ["name", "checkout", "pay"] == answer.output.split()


@pytest.mark.parametrize(
    ("format", "shown"),
    [
        ("json", lambda text: json.loads(text) == [{"a": 1, "b": None, "c": "x[y]"}]),
        ("csv", lambda text: text.splitlines() == ["a,b,c", "1,,x[y]"]),
        ("table", lambda text: "x[y]" in text),
    ],
)
def test_sql_prints_in_three_formats(service, format, shown):
    statement = "SELECT 1 AS a, NULL AS b, 'x[y]' AS c"
    answer = run("sql", statement, "--data-dir", str(service.data_dir), "--format", format)

    assert 0 == answer.exit_code
    assert shown(answer.output)


def test_sql_says_when_rows_were_left_out(service):
    answer = run(
        "sql", "SELECT * FROM range(5)", "--data-dir", str(service.data_dir), "--limit", "2"
    )

    assert "only the first 2 rows are shown" in answer.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE span_row",
        "DELETE FROM spans",
        "COPY (SELECT 1) TO 'x.csv'",
        "SELECT 1; SELECT 2",
    ],
)
def test_sql_only_reads(service, trace_id, statement):
    answer = run("sql", statement, "--data-dir", str(service.data_dir))

    assert 1 == answer.exit_code
    assert "Error: " in answer.stderr


def test_sql_that_is_wrong_is_a_clear_failure(service):
    answer = run("sql", "SELECT nothing", "--data-dir", str(service.data_dir))

    assert 1 == answer.exit_code
    assert "nothing" in answer.stderr


def test_trace_shows_the_tree_with_errors_in_words(service, trace_id):
    answer = run("trace", trace_id, "--data-dir", str(service.data_dir))

    assert 0 == answer.exit_code
    assert trace_id in answer.output
    assert "shop checkout" in answer.output
    assert "└─ shop pay" in answer.output
    assert "✗ error: card declined" in answer.output


def test_trace_asks_the_service_that_a_url_names(service, trace_id):
    answer = run("trace", trace_id.upper(), "--query", service.url("query"))

    assert trace_id in answer.output


def test_a_trace_that_is_not_stored_is_a_clear_failure(service):
    answer = run("trace", "abc", "--data-dir", str(service.data_dir))

    assert 1 == answer.exit_code
    assert "is stored" in answer.stderr


def test_without_a_service_the_files_are_read(start_service):
    service = start_service().wait_until_ready()
    sent = send_trace(service.addresses)
    assert 0 == service.terminate()
    directory = ("--data-dir", str(service.data_dir))

    assert '"n": 2' in run("sql", COUNT, *directory, "--format", "json").output
    assert "shop checkout" in run("trace", sent, *directory).output


def test_import_sends_files_of_every_kind_and_twice_is_once(service, tmp_path):
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "imported",
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": "1544712661000000000",
    }
    otlp = tmp_path / "otlp.json"
    otlp.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    jaeger = tmp_path / "jaeger.json"
    jaeger_span = {"traceID": "abc", "spanID": "1", "operationName": "imported", "processID": "p1"}
    trace = {"spans": [jaeger_span], "processes": {"p1": {"serviceName": "old"}}}
    jaeger.write_text(json.dumps({"data": [trace]}))
    directory = ("--data-dir", str(service.data_dir))

    first = run("import", str(otlp), str(jaeger), *directory)
    second = run("import", str(otlp), *directory)

    assert "2 spans sent" in first.output
    assert 0 == second.exit_code
    statement = "SELECT count(*) AS n FROM spans WHERE name = 'imported'"

    def is_stored():
        return '"n": 2' in run("sql", statement, *directory, "--format", "json").output

    wait_for(is_stored, "the imported spans")


def test_import_tells_what_was_rejected(service, tmp_path):
    span = {"traceId": "00", "spanId": "eee19b7ec3c1b174", "name": "x"}
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    answer = run("import", str(file), "--endpoint", service.url("otlp/http"))

    assert 1 == answer.exit_code
    assert "1 spans were rejected" in answer.stderr


def test_import_without_a_service_says_what_to_do(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("{}")
    (tmp_path / "data").mkdir()
    answer = run("import", str(file), "--data-dir", str(tmp_path / "data"))

    assert 1 == answer.exit_code
    assert "spanloom serve" in answer.stderr


def test_import_names_the_file_that_it_cannot_read(service, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text("{nonsense")
    answer = run("import", str(file), "--data-dir", str(service.data_dir))

    assert 1 == answer.exit_code
    assert f"{file}: not JSON of traces" in answer.stderr
