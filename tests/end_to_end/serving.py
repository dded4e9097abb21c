"""Runs Spanloom, in one of its roles, as a process of its own, as an operator would."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60


RECEIVES = (("--otlp-grpc", "otlp/grpc"), ("--otlp-http", "otlp/http"))
ANSWERS = (("--query", "query"), ("--jaeger-grpc", "jaeger/grpc"))
TELLS = (("--health", "health"), ("--metrics", "metrics"))
ROLES = {
    "serve": (*RECEIVES, *ANSWERS, *TELLS),
    "collector": (*RECEIVES, *TELLS),
    "query": (*ANSWERS, *TELLS),
}


class Serving:
    """A running service; its ready line says where it listens (every port is 0 at first)."""

    def __init__(self, data_dir, *arguments, addresses=None, role="serve", **environment):
        self.data_dir = data_dir
        wanted = addresses or {}
        command = [sys.executable, "-m", "spanloom", role, "--data-dir", str(data_dir)]
        for flag, name in ROLES[role]:
            command += [flag, wanted.get(name, "127.0.0.1:0")]
        self.log = data_dir.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **environment},
            )
        self.addresses = self._ready_line()["addresses"]

    def _ready_line(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if selector.select(START_TIMEOUT_S) else b""
        if not line:
            self.kill()
            raise AssertionError(f"spanloom was not ready:\n{self.log.read_text()}")
        return json.loads(line)

    @property
    def grpc(self):
        return self.addresses["otlp/grpc"]

    @property
    def http(self):
        return f"http://{self.addresses['otlp/http']}"

    def get(self, path, part="query"):
        """The decoded answer of a GET; None for 404."""
        try:
            with urllib.request.urlopen(
                f"http://{self.addresses[part]}{path}", timeout=30
            ) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def metric(self, name):
        """The sum of a counter's or gauge's samples over its labels."""
        with urllib.request.urlopen(f"http://{self.addresses['metrics']}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == name
        )

    def eventually(self, question, within_s=60):
        """Ask until the answer is true; another process's state has no event to wait for."""
        deadline = time.monotonic() + within_s
        while not (answer := question()):
            assert time.monotonic() < deadline, f"not within {within_s} s:\n{self.log.read_text()}"
            time.sleep(0.02)
        return answer

    def trace(self, trace_id, span_count=1):
        """The assembled trace, once it has ``span_count`` spans."""

        def complete():
            found = self.get(f"/api/v1/traces/{trace_id}")
            return found if found and found["summary"]["span_count"] >= span_count else None

        return self.eventually(complete)

    def processes(self):
        """The main process, then its receivers."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def kill(self):
        """kill -9 of every process at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_TIMEOUT_S)
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        finally:
            self.kill()
