import os
import subprocess
from pathlib import Path

from spanloom.self_metrics import process_metrics
from tests.spanloom.conftest import clean_environment, spanloom_command

DOCS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def test_the_documentation_has_every_metric():
    """In a process of its own: the metrics of other tests are none of the service's."""
    command = [spanloom_command()[0], "-m", "spanloom.metrics_reference"]
    made = subprocess.run(
        command, check=True, capture_output=True, text=True, env=clean_environment()
    )

    assert made.stdout in DOCS.read_text()


def test_a_process_is_measured_by_the_kernels_figures():
    cpu, memory, uptime = process_metrics([("me", os.getpid())])

    assert ["me"] == [sample.labels["process"] for sample in memory.samples]
    assert all(metric.samples[0].value > 0 for metric in (cpu, memory, uptime))


def test_a_process_that_has_ended_is_left_out():
    ended = subprocess.Popen(["true"])
    ended.wait()

    assert [[], [], []] == [metric.samples for metric in process_metrics([("x", ended.pid)])]
