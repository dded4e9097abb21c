"""``spanloom store`` on both engines, and beside a running service."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
from click.testing import CliRunner, Result

from spanloom.cli import main
from storage.config import PostgreSQLConfig, StoreConfig
from storage.engines import open_store
from storage.migrations import latest_version
from tests.storage.batches import batch_from_spans
from tests.storage.spans import START_NS, make_span

_SPANS = [make_span(trace, trace) for trace in range(1, 8)]

Run = Callable[..., Result]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("store", *arguments))


class _Place:
    """A place for a store, as the command line names it and as it is opened."""

    def __init__(self, directory: Path, url: str) -> None:
        self.directory = directory
        self.url = url
        self.options = ("--data-dir", str(directory), *(("--store", url) if url else ()))

    @property
    def name(self) -> str:
        return self.url or str(self.directory)

    def fill(self) -> None:
        postgresql = PostgreSQLConfig(self.url) if self.url else None
        (self.directory / "store").mkdir(parents=True, exist_ok=True)
        config = StoreConfig(self.directory / "store" / "spans.duckdb", postgresql=postgresql)
        store = open_store(config)
        store.writer.write(batch_from_spans(_SPANS), [])
        store.close()

    def change(self, statement: str) -> None:
        """Run a statement past all that keeps a store whole."""
        if self.url:
            with psycopg.connect(self.url) as connection:
                connection.execute(statement.encode())
        else:
            with duckdb.connect(str(self.directory / "store" / "spans.duckdb")) as connection:
                connection.execute(statement)


@pytest.fixture(params=["duckdb", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> _Place:
    is_embedded = request.param == "duckdb"
    return _Place(
        tmp_path / "data", "" if is_embedded else str(request.getfixturevalue("postgresql_url"))
    )


def test_init_makes_the_store_once(place: _Place) -> None:
    first = run("init", *place.options)
    second = run("init", *place.options)

    assert (0, 0) == (first.exit_code, second.exit_code)
    assert re.search(rf"made the store .*, version {latest_version()}\n", first.output)
    assert re.search(rf"holds a store already, version {latest_version()}\n", second.output)
    assert 0 == run("check", *place.options).exit_code


def test_passwords_are_not_printed(postgresql_url: str) -> None:
    password = re.search(r"://[^:@]*:([^@]+)@", postgresql_url)
    assert password is not None

    for command in (("init",), ("check",), ("stats",), ("upgrade",), ("init", "--distributed")):
        assert password[1] not in run(*command, "--store", postgresql_url).output


def test_upgrade_tells_that_there_is_nothing_to_do(place: _Place) -> None:
    run("init", *place.options)

    answer = run("upgrade", *place.options)

    assert 0 == answer.exit_code
    assert "needs no upgrade" in answer.output


def test_upgrade_brings_an_older_store_to_the_newest_version(tmp_path: Path) -> None:
    place = _Place(tmp_path / "data", "")
    place.fill()
    for statement in (
        "DROP TABLE link_keys",
        "DROP TABLE spanloom_version",
        "CREATE TABLE schema_version AS SELECT 2 AS version",
    ):
        place.change(statement)

    before = run("check", *place.options)
    answer = run("upgrade", *place.options)

    assert 1 == before.exit_code
    assert "upgrade it by `spanloom store upgrade`" in before.output
    assert f"upgraded from version 2 to {latest_version()}" in answer.output
    assert 0 == run("check", *place.options).exit_code


@pytest.mark.parametrize("command", ["upgrade", "check", "stats"])
def test_where_no_store_is_the_commands_say_how_to_make_one(place: _Place, command: str) -> None:
    answer = run(command, *place.options)

    assert 1 == answer.exit_code
    assert "there is no store at" in answer.output
    assert "spanloom store init" in answer.output
    assert not place.directory.exists()


@pytest.mark.parametrize("command", ["init", "upgrade", "check", "stats"])
def test_a_database_that_does_not_answer_is_a_clear_failure(command: str) -> None:
    answer = run(command, "--store", "postgresql://spanloom:hidden-word@127.0.0.1:1/traces")

    assert 1 == answer.exit_code
    assert "Error: the store 127.0.0.1:1/traces" in answer.output
    assert "hidden-word" not in answer.output


def test_check_passes_a_store_that_is_whole(place: _Place) -> None:
    place.fill()

    answer = run("check", *place.options)

    assert 0 == answer.exit_code
    lines = answer.output.splitlines()
    assert ["version", "tables", "references", "traces", "numbers", "rollups"] == [
        line.split()[1] for line in lines
    ]
    assert all(line.startswith("ok ") for line in lines)
    assert "their 7 spans are there" in answer.output


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TABLE link_keys", "tables     not there: table link_keys"),
        ("ALTER TABLE traces DROP COLUMN end_ns", "not there: column traces.end_ns"),
        ("DELETE FROM resources", "spans name 1 ids of resources that are not there"),
        ("DELETE FROM spans WHERE seq = 3", "traces tell of 7 spans, 6 are there"),
    ],
)
def test_check_fails_on_what_is_wrong(place: _Place, damage: str, found: str) -> None:
    place.fill()
    place.change(damage)

    answer = run("check", *place.options)

    assert 1 == answer.exit_code
    assert found in answer.output
    assert "1 of the checks failed" in answer.output


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP INDEX spans_seq", "not there: index spans_seq"),
        ("DROP TABLE leadership", "not there: table leadership"),
        ("UPDATE writer_state SET next_seq = 4", "next_seq is 4, but spans.seq goes up to 6"),
    ],
)
def test_check_fails_on_what_is_wrong_in_postgresql_alone(
    postgresql_url: str, tmp_path: Path, damage: str, found: str
) -> None:
    place = _Place(tmp_path, postgresql_url)
    place.fill()
    place.change(damage)

    answer = run("check", *place.options)

    assert 1 == answer.exit_code
    assert found in answer.output


def test_check_says_when_it_looked_at_samples(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _Place(tmp_path, postgresql_url)
    place.fill()
    place.change("ANALYZE")
    monkeypatch.setattr("storage.checks._ALL_UP_TO_ROWS", 5)
    monkeypatch.setattr("storage.checks._SAMPLED_SPANS", 7)
    monkeypatch.setattr("storage.checks._SAMPLED_TRACES", 7)

    whole = run("check", *place.options)
    place.change("DELETE FROM spans WHERE seq = 3")
    damaged = run("check", *place.options)

    assert 0 == whole.exit_code
    assert "in a sample of about 7 of 7 rows" in whole.output
    assert "traces tell of 7 spans, 6 are there (in a sample" in damaged.output


def test_stats_tell_the_size_of_the_store_and_its_tables(place: _Place) -> None:
    place.fill()

    text = run("stats", *place.options)
    document = json.loads(run("stats", *place.options, "--json").output)

    assert 0 == text.exit_code
    assert re.search(r"^spans: +7$", text.output, re.MULTILINE)
    assert "2025-10-09 08:53:20 UTC" in text.output
    assert 7 == document["spans"]
    assert latest_version() == document["schema_version"]
    assert START_NS + 1000 == document["oldest_ns"]
    assert 0 < document["bytes_on_disk"]
    sizes = {table["name"]: table for table in document["tables"]}
    assert (7, 7, 1) == tuple(sizes[name]["rows"] for name in ("spans", "traces", "resources"))
    assert all(table["bytes"] for table in document["tables"] if table["rows"])
    assert 0 == document["pending_minutes"]


def test_distributed_needs_postgresql(tmp_path: Path) -> None:
    answer = run("init", "--distributed", "--data-dir", str(tmp_path / "data"))

    assert 1 == answer.exit_code
    assert "needs a PostgreSQL store" in answer.output
    assert not (tmp_path / "data").exists()


def test_distributed_needs_the_extension_that_spreads_tables(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as connection:
        available = "SELECT FROM pg_available_extensions WHERE name = 'citus'"
        if connection.execute(available).fetchone() is not None:
            pytest.skip("this server has Citus: what happens without it cannot be seen")

    answer = run("init", "--distributed", "--store", postgresql_url)

    assert 1 == answer.exit_code
    assert "the server has no Citus extension: install it" in answer.output
    assert "its tables are there" not in answer.output


def test_distributed_spreads_traces_over_the_nodes(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as connection:
        created = "SELECT FROM pg_extension WHERE extname = 'citus'"
        if connection.execute(created).fetchone() is None:
            pytest.skip("the database has no Citus extension, which this test needs")

    first = run("init", "--distributed", "--store", postgresql_url)
    second = run("init", "--distributed", "--store", postgresql_url)

    assert "distributed spans by trace id" in first.output
    assert "distributed traces by trace id" in first.output
    assert "distributed resources to every node" in first.output
    assert "distributed" not in second.output


@pytest.mark.parametrize("command", ["init", "upgrade", "check", "stats"])
def test_files_in_use_by_a_service_are_left_to_it(service, command: str) -> None:
    answer = run(command, "--data-dir", str(service.data_dir))

    assert 1 == answer.exit_code
    assert re.search("stop it, or|stop the service", answer.output)


def test_copy_moves_a_store_to_another_engine(place: _Place, tmp_path: Path) -> None:
    place.fill()
    other = _Place(tmp_path / "other", "")

    answer = run("copy", "--from", place.name, "--to", other.name)

    assert 0 == answer.exit_code
    assert "7 spans copied" in answer.output
    assert 7 == json.loads(run("stats", *other.options, "--json").output)["spans"]
    again = run("copy", "--from", place.name, "--to", other.name)
    assert 1 == again.exit_code
    assert "the target holds other data" in again.output


def test_copy_needs_a_store_to_copy(tmp_path: Path) -> None:
    answer = run("copy", "--from", str(tmp_path / "none"), "--to", str(tmp_path / "other"))

    assert 1 == answer.exit_code
    assert "there is no store at" in answer.output
    assert not (tmp_path / "other").exists()
