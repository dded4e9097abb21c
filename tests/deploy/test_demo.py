"""``python -m deploy.demo`` as its user runs it: from a request to a printed trace."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.end_to_end


def demo(data: Path, *options: str) -> list[str]:
    own = ["--port-base", "0", "--data-dir", str(data), "--latency", "0", "--rate", "200"]
    return [sys.executable, "-m", "deploy.demo", *own, *options]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = demo(tmp_path, "--requests", "20")
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        yield process
        process.kill()


def test_the_demo_prints_urls_and_the_first_trace(tmp_path: Path) -> None:
    command = demo(tmp_path, "--requests", "20", "--no-keep-running")

    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, done.stdout + done.stderr
    _, _, tree = done.stdout.partition("The first trace:")
    for service in ("istio-ingressgateway", "productpage", "details", "reviews"):
        assert service in tree
    assert re.search(r"http://127\.0\.0\.1:\d+/api/v1/traces/[0-9a-f]{32}\n", done.stdout)
    for path in ("graph", "propagation"):
        assert re.search(rf"http://127\.0\.0\.1:\d+/api/v1/{path}\?last=5m\n", done.stdout)


def test_what_the_demo_prints_can_be_opened_until_it_is_ended(
    running: subprocess.Popen[str],
) -> None:
    lines = []
    for line in running.stdout:
        lines.append(line)
        if line.startswith("Traffic goes on"):
            break
    urls = re.findall(r"http://\S+", "".join(lines))
    started = psutil.Process(running.pid).children(recursive=True)
    answers = {}
    for url in urls:
        with urllib.request.urlopen(url, timeout=10) as response:
            answers[url] = response.read()
    running.send_signal(signal.SIGTERM)
    rest = running.communicate(timeout=30)[0]

    services = next(json.loads(body) for url, body in answers.items() if url.endswith("/services"))
    names = {each["name"] for each in services["services"]}

    assert {"productpage.default", "istio-ingressgateway.istio-system"} <= names
    assert 0 == running.returncode
    assert "Ended." in rest
    assert [] == [each for each in started if each.is_running()]


def test_a_service_that_is_not_there_is_named(tmp_path: Path) -> None:
    command = demo(tmp_path, "--spanloom", "no.such.host.invalid")

    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )

    assert 1 == done.returncode
    assert "no.such.host.invalid is no known host" in done.stderr
