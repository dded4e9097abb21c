"""Importing a package of ours defines names and does nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("model", "storage", "collector", "api", "spanloom", "deploy")

# Runs in an interpreter of its own: what the tests have imported must not count.
PROBE = """
import importlib, json, pkgutil, sys, threading

events = []
watched = ("socket.", "subprocess.", "os.fork", "os.system", "os.exec", "os.spawn", "os.remove",
           "os.mkdir", "sqlite3.connect")

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    caches = event == "open" and ".pyc" in str(arguments[0])
    if (event.startswith(watched) and event != "socket.__new__") or (writes and not caches):
        events.append(f"{event} {arguments}")

root = importlib.import_module(sys.argv[1])
names = [found.name for found in pkgutil.walk_packages(root.__path__, root.__name__ + ".")
         if not found.name.endswith("__main__")]
for third_party in ("aiohttp", "duckdb", "grpc", "pyarrow", "sqlalchemy", "structlog", "rich"):
    importlib.import_module(third_party)
before = {thread.ident for thread in threading.enumerate()}
sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
threads = [thread.name for thread in threading.enumerate() if thread.ident not in before]
print(json.dumps({"modules": len(names), "events": events, "threads": threads}))
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_has_no_side_effects(package: str) -> None:
    command = [sys.executable, "-B", "-c", PROBE, package]

    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["modules"] > 0
    assert [] == result["events"]
    assert [] == result["threads"]
