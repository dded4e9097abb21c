"""Options that several commands share, and how they become the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from spanloom.config import Config
from spanloom.config_loader import CONFIG_VARIABLE, ConfigError, Loaded, load_config

__all__ = [
    "collector_options",
    "config_options",
    "data_config",
    "loaded",
    "query_options",
    "service_options",
    "store_options",
]

F = TypeVar("F", bound=Callable[..., Any])  # what click decorates

_DATA_DIR = ("--data-dir", "data_dir", "DIR", "directory with all data", "./spanloom-data")
_STORE = (
    "--store",
    "store.url",
    "URL",
    "postgresql://USER@HOST:PORT/DATABASE; without it, spans go to files in the data directory",
    "none",
)
_RECEIVING = (
    (
        "--otlp-grpc",
        "receivers.otlp.protocols.grpc.endpoint",
        "HOST:PORT",
        "address of OTLP over gRPC; port 0 takes a free one",
        "localhost:4317",
    ),
    (
        "--otlp-http",
        "receivers.otlp.protocols.http.endpoint",
        "HOST:PORT",
        "address of OTLP over HTTP",
        "localhost:4318",
    ),
    ("--workers", "workers", "N", "receiver processes", "cores - 1"),
)
_ANSWERING = (
    ("--query", "query.endpoint", "HOST:PORT", "address of the query API", "localhost:16686"),
    (
        "--jaeger-grpc",
        "query.jaeger.grpc.endpoint",
        "HOST:PORT",
        "address of Jaeger's query API over gRPC",
        "localhost:16685",
    ),
    ("--jaeger-ui", "query.jaeger.ui", "DIR", "a built Jaeger UI to serve", "none"),
)
_EVERY_ROLE = (
    ("--health", "health.endpoint", "HOST:PORT", "address of /ready", "localhost:13133"),
    ("--metrics", "metrics.endpoint", "HOST:PORT", "address of /metrics", "localhost:8888"),
    ("--retention", "store.retention.max_age", "AGE", "how long spans are kept", "7d"),
)
_COLLECTOR = (_DATA_DIR, _STORE, *_RECEIVING, *_EVERY_ROLE)
_QUERY = (_STORE, *_ANSWERING, *_EVERY_ROLE)
_SERVICE = (_DATA_DIR, _STORE, *_RECEIVING, *_ANSWERING, *_EVERY_ROLE)
_PATHS = {flag.removeprefix("--").replace("-", "_"): (flag, path) for flag, path, *_ in _SERVICE}


def config_options(command: F) -> F:
    """Add ``--config`` and ``--data-dir``."""
    return _add(command, (_DATA_DIR,))


def store_options(command: F) -> F:
    """Add ``--config``, ``--data-dir`` and ``--store``."""
    return _add(command, (_DATA_DIR, _STORE))


def service_options(command: F) -> F:
    """Add ``--config`` and the service's flags."""
    return _add(command, _SERVICE)


def collector_options(command: F) -> F:
    """Add ``--config`` and the flags of a process that takes spans in."""
    return _add(command, _COLLECTOR)


def query_options(command: F) -> F:
    """Add ``--config`` and the flags of a process that answers, all but ``--data-dir``."""
    return _add(command, _QUERY)


def _add(command: F, options: tuple[tuple[str, str, str, str, str], ...]) -> F:
    for flag, _, metavar, text, default in reversed(options):
        # The default is shown, not passed: a flag that is not given must not win over the file.
        shown = f"{text}  [default: {default}]"
        command = click.option(flag, metavar=metavar, help=shown)(command)
    return click.option(
        "--config",
        "config_file",
        metavar="FILE.yaml",
        envvar=CONFIG_VARIABLE,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="YAML file with settings, see docs/configuration.md",
    )(command)


def loaded(config_file: Path | None, flags: Mapping[str, str | None]) -> Loaded:
    """Load the configuration. Raises click.ClickException (exit code 1) if it is wrong."""
    given = {
        _PATHS[name][1]: (_PATHS[name][0], value)
        for name, value in flags.items()
        if value is not None
    }
    try:
        return load_config(config_file, os.environ, given)
    except ConfigError as error:
        lines = str(error).splitlines()
        raise click.ClickException(
            "the configuration is wrong:\n  " + "\n  ".join(lines)
        ) from error


def data_config(config_file: Path | None, data_dir: str | None, store: str | None = None) -> Config:
    """Load the configuration of a command that only needs the data directory or the store."""
    return loaded(config_file, {"data_dir": data_dir, "store": store}).config
