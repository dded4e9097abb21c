import json
import logging
import os

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from spanloom.config import LogConfig, LogFormat, LogLevel
from spanloom.logs import configure_logs


@pytest.fixture(autouse=True)
def _other_tests_keep_their_logs():
    handlers, level = logging.root.handlers[:], logging.root.level
    calmed = {name: logging.getLogger(name).level for name in ("aiohttp.access", "alembic")}
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    for name, before in calmed.items():
        logging.getLogger(name).setLevel(before)


def logged(capsys):
    return capsys.readouterr().err.splitlines()


def test_a_line_is_json_when_standard_error_is_no_terminal(capsys):
    configure_logs(LogConfig(), process="receiver-0")
    structlog.get_logger("x").info("something happened", spans=3)
    (line,) = logged(capsys)
    event = json.loads(line)

    assert ("something happened", 3) == (event["event"], event["spans"])
    assert ("info", "receiver-0") == (event["level"], event["process"])
    assert event["timestamp"].endswith("Z")


def test_lines_for_people_on_request(capsys):
    configure_logs(LogConfig(format=LogFormat.CONSOLE))
    structlog.get_logger("x").info("something happened", spans=3)
    (line,) = logged(capsys)

    assert "something happened" in line
    assert not line.startswith("{")


def connect(password):
    raise ValueError(f"{len(password)} characters")


def test_a_traceback_for_people_does_not_show_the_values_of_variables(capsys):
    configure_logs(LogConfig(format=LogFormat.CONSOLE))
    password = os.urandom(4).hex()
    try:
        connect(password)
    except ValueError:
        structlog.get_logger("x").exception("failed")
    written = "".join(logged(capsys))

    assert "8 characters" in written
    assert password not in written


def test_lines_of_libraries_look_the_same(capsys):
    configure_logs(LogConfig())
    logging.getLogger("library").warning("careful: %s", "x")
    (line,) = logged(capsys)

    assert "careful: x" == json.loads(line)["event"]


@pytest.mark.parametrize(
    ("level", "written"),
    [
        (LogLevel.DEBUG, ["debug", "info", "warning", "error"]),
        (LogLevel.INFO, ["info", "warning", "error"]),
        (LogLevel.ERROR, ["error"]),
    ],
)
def test_lines_below_the_level_are_left_out(capsys, level, written):
    configure_logs(LogConfig(level=level))
    log = structlog.get_logger("x")
    for method in (log.debug, log.info, log.warning, log.error):
        method("line")

    assert written == [json.loads(line)["level"] for line in logged(capsys)]


def test_an_exception_comes_with_its_traceback(capsys):
    configure_logs(LogConfig())
    structlog.get_logger("x").error("failed", exc_info=ValueError("why"))
    (line,) = logged(capsys)

    assert "ValueError: why" in json.loads(line)["exception"]


def test_malformed_http_of_a_client_is_not_logged_but_other_failures_of_the_server_are(capsys):
    configure_logs(LogConfig())
    server = logging.getLogger("aiohttp.server")
    for failure in (BadHttpMessage("bad request line"), RuntimeError("a defect")):
        server.error("Error handling request", exc_info=failure)

    (line,) = logged(capsys)

    assert "a defect" in line
