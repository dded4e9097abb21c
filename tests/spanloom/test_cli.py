import subprocess

import pytest
from click.testing import CliRunner

import spanloom
from spanloom.cli import main
from tests.spanloom.conftest import clean_environment, spanloom_command


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **environment):
        return CliRunner().invoke(main, arguments, env=environment)

    return run


def test_the_module_does_what_the_command_does(run, tmp_path):
    command = spanloom_command("config", "--workers", "3")
    by_module = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path, env=clean_environment()
    )

    assert run("config", "--workers", "3").output == by_module.stdout


def test_version(run):
    assert f"spanloom, version {spanloom.__version__}\n" == run("--version").output


@pytest.mark.parametrize(
    "command", ["serve", "collector", "query", "config", "sql", "trace", "import"]
)
def test_every_command_is_listed_and_explains_itself(run, command):
    assert command in run("--help").output
    assert 0 == run(command, "--help").exit_code


def test_the_command_for_receiver_processes_is_not_listed(run):
    assert "receiver " not in run("--help").output


@pytest.mark.parametrize(
    ("flag", "default"),
    [
        ("--data-dir", "./spanloom-data"),
        ("--store", "none"),
        ("--otlp-grpc", "localhost:4317"),
        ("--otlp-http", "localhost:4318"),
        ("--query", "localhost:16686"),
        ("--jaeger-grpc", "localhost:16685"),
        ("--jaeger-ui", "none"),
        ("--health", "localhost:13133"),
        ("--metrics", "localhost:8888"),
        ("--workers", "cores - 1"),
        ("--retention", "7d"),
    ],
)
def test_help_shows_the_default_of_every_flag(run, flag, default):
    shown = " ".join(run("serve", "--help").output.split())
    after = shown.partition(f"{flag} ")[2].partition(" --")[0]

    assert default in after


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["config"], 0),
        (["config", "--check"], 0),
        (["config", "--workers", "0"], 1),
        (["config", "--retention", "7"], 1),
        (["config", "--config", "none.yaml"], 2),
        (["config", "--store", "mysql://db/traces"], 1),
        (["serve", "--no-such-flag"], 2),
        (["collector"], 1),
        (["collector", "--query", "localhost:0"], 2),
        (["query"], 1),
        (["query", "--otlp-grpc", "localhost:0"], 2),
        (["no-such-command"], 2),
        (["sql", "SELECT 1"], 1),
        (["trace", "1"], 1),
        (["import", "none.json"], 2),
        (["import"], 2),
    ],
)
def test_exit_codes(run, arguments, code):
    assert code == run(*arguments).exit_code


@pytest.mark.parametrize("command", ["collector", "query"])
def test_a_role_of_its_own_needs_a_store_that_several_processes_can_open(run, command):
    said = run(command).stderr

    assert f"store.url is not set, and `spanloom {command}` needs it: the embedded store" in said
    assert "--store postgresql://" in said
    assert "`spanloom serve`" in said


def test_flags_become_settings(run):
    shown = run("config", "--workers", "3", "--retention", "36h", "--otlp-grpc", "[::1]:0").output

    assert "workers: 3\n" in shown
    assert "max_age: 36h\n" in shown
    assert "endpoint: '[::1]:0'\n" in shown


def test_the_file_is_found_by_variable_too(run, tmp_path):
    (tmp_path / "settings.yaml").write_text("workers: 5")

    assert "workers: 5\n" in run("config", SPANLOOM_CONFIG="settings.yaml").output


def test_check_prints_nothing_but_what_is_wrong(run):
    assert "" == run("config", "--check").output
    assert (
        "workers (from SPANLOOM_WORKERS)" in run("config", "--check", SPANLOOM_WORKERS="x").output
    )


def test_a_variable_in_the_file_that_is_not_set_is_warned_of(run, tmp_path):
    (tmp_path / "settings.yaml").write_text("data_dir: x${NONE}")

    assert "warning: NONE is not set" in run("config", "--config", "settings.yaml").stderr


@pytest.mark.parametrize("module", ["prometheus_client", "grpc", "duckdb", "sqlalchemy", "pyarrow"])
def test_the_command_line_loads_no_heavy_module(tmp_path, module):
    """prometheus_client, besides, must not be imported before ``serve`` has set its directory."""
    code = f"import sys, spanloom.cli; sys.exit({module!r} in sys.modules)"
    command = [spanloom_command()[0], "-c", code]

    ran = subprocess.run(command, check=False, env=clean_environment(), cwd=tmp_path)

    assert 0 == ran.returncode
