"""Runs the real service in processes of its own, on free ports and in a directory of its own."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


def spanloom_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "spanloom", *arguments]


def clean_environment(**extra: str) -> dict[str, str]:
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("SPANLOOM_", "OTEL_"))}
    return {**mine, "PYTHONPATH": str(ROOT), **extra}


PORTS = {
    "serve": ("otlp-grpc", "otlp-http", "query", "jaeger-grpc", "health", "metrics"),
    "collector": ("otlp-grpc", "otlp-http", "health", "metrics"),
    "query": ("query", "jaeger-grpc", "health", "metrics"),
}


class RunningService:
    """A service in one of its roles, and what it said when it was ready."""

    def __init__(
        self,
        data_dir: Path,
        *flags: str,
        role: str = "serve",
        keep: bool = True,
        **environment: str,
    ) -> None:
        """Without ``keep`` the service is not told of ``data_dir``."""
        self.data_dir = data_dir
        ports = [word for name in PORTS[role] for word in (f"--{name}", "127.0.0.1:0")]
        folder = ("--data-dir", str(data_dir)) if keep else ()
        self.log = data_dir.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                spanloom_command(role, *folder, *ports, *flags),
                stdout=subprocess.PIPE,
                stderr=log,
                env=clean_environment(**environment),
                cwd=data_dir.parent,
            )
        self.addresses: dict[str, str] = {}

    def wait_until_ready(self) -> RunningService:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        line = self.process.stdout.readline() if readable else b""
        assert line, f"the service did not become ready:\n{self.log.read_text()}"
        self.addresses = json.loads(line)["addresses"]
        return self

    def url(self, name: str, path: str = "") -> str:
        return f"http://{self.addresses[name]}{path}"

    def health(self) -> tuple[int, dict[str, Any]]:
        answer = requests.get(self.url("health", "/ready"), timeout=10)
        return answer.status_code, answer.json()

    def receivers(self) -> list[dict[str, Any]]:
        return self.health()[1]["parts"]["receivers"]

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def dispose(self) -> None:
        """Leave no process behind, whatever the test did."""
        family: list[psutil.Process] = []
        if self.process.poll() is None:
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            self.process.wait()
        psutil.wait_procs(family, timeout=PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


def wait_for(question: Callable[[], object], what: str) -> None:
    """Ask until the answer is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not question():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.02)


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Start services; a test may start several, by default on one data directory."""
    started: list[RunningService] = []

    def start(
        *flags: str, data_dir: Path | None = None, role: str = "serve", **environment: str
    ) -> RunningService:
        service = RunningService(data_dir or tmp_path / "data", *flags, role=role, **environment)
        started.append(service)
        return service

    yield start
    for service in started:
        service.dispose()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for tests that leave it as it was."""
    running = RunningService(tmp_path_factory.mktemp("service") / "data", "--workers", "2")
    try:
        yield running.wait_until_ready()
    finally:
        running.dispose()
