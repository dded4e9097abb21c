"""Nothing the demo started outlives it, and what fails says why."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.demo import processes
from deploy.demo.processes import Child, ChildFailed

ROOT = Path(__file__).resolve().parents[2]

PARENT = """
import asyncio, sys
from pathlib import Path
from deploy.demo.processes import Child

async def main():
    async with Child("the sleeper", ["sleep", "600"], Path(sys.argv[1])) as child:
        print(child.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_child_ends_with_its_context(tmp_path: Path) -> None:
    async with Child("the sleeper", ["sleep", "600"], tmp_path / "log") as child:
        child.check()
        pid = child.pid

    assert not psutil.pid_exists(pid)


async def test_a_child_that_ignores_the_request_to_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_STOP_TIMEOUT", 0.2)
    async with Child("the deaf", ["env", "--ignore-signal=TERM", "sleep", "600"], tmp_path / "log"):
        pass

    assert "sleep" not in [each.name() for each in psutil.Process().children(recursive=True)]


async def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo the reason >&2; exit 3"]
    async with Child("the broken", command, tmp_path / "log") as child:
        with pytest.raises(ChildFailed, match=r"the broken ended with status 3:\nthe reason"):
            await child.until_failure()


async def test_a_child_reads_what_it_is_given(tmp_path: Path) -> None:
    async with Child("cat", ["cat"], tmp_path / "log", stdin=b"a document") as child:
        with pytest.raises(ChildFailed, match="a document"):
            await child.until_failure()


async def test_a_child_works_in_the_directory_it_is_told(tmp_path: Path) -> None:
    child = Child("pwd", ["pwd", "-P"], tmp_path / "log", directory=tmp_path)
    async with child:
        with pytest.raises(ChildFailed, match=f"/{tmp_path.name}$"):
            await child.until_failure()


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(timeout=10)

        # An orphan may stay a zombie where nobody reaps; it runs no longer either way.
        gone = psutil.wait_procs([child], timeout=10)[0]

    assert gone or child.status() == psutil.STATUS_ZOMBIE


async def test_a_child_of_a_parent_already_dead_never_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1 << 30)
    command = ["touch", str(tmp_path / "started")]
    async with Child("the orphan", command, tmp_path / "log") as child:
        status = await child.ended()

    assert status != 0
    assert not (tmp_path / "started").exists()
