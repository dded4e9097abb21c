"""Sets up the logs: structlog on standard error, for people on a terminal, as JSON elsewhere."""

from __future__ import annotations

import logging
import sys

import structlog
from aiohttp.http_exceptions import BadHttpMessage

from spanloom.config import LogConfig, LogFormat

__all__ = ["configure_logs"]


def configure_logs(config: LogConfig, *, process: str = "") -> None:
    """Write log lines of at least ``config.level`` to standard error.

    Lines of libraries (the standard ``logging``) come out in the same form. ``process`` names
    the process in every line.
    """
    level = logging.getLevelNamesMapping()[config.level.upper()]
    console = config.format is LogFormat.CONSOLE or (
        config.format is LogFormat.AUTO and sys.stderr.isatty()
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default shows the values of variables, and with them passwords.
            exception_formatter=structlog.dev.plain_traceback,
        )
        if console
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _adder(process),
        structlog.processors.TimeStamper(fmt="iso", utc=not console),
        structlog.processors.StackInfoRenderer(),
    ]
    if not console:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # One line a request is a debugging aid; the metrics count requests. Alembic tells how it works.
    for name in ("aiohttp.access", "alembic"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("aiohttp.server").addFilter(_is_no_bad_request)


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """Whether a line of aiohttp's server is about more than a client's malformed HTTP.

    That is answered with 400; a traceback for each would let anyone fill the log.
    """
    return record.exc_info is None or not isinstance(record.exc_info[1], BadHttpMessage)


def _adder(process: str) -> structlog.typing.Processor:
    def add_process(
        _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        if process:
            event["process"] = process
        return event

    return add_process
