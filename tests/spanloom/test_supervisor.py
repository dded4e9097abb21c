import asyncio
import os
import sys

import pytest

from spanloom import supervisor
from spanloom.config import Config
from spanloom.control import Signal, Task
from spanloom.supervisor import ReceiverFailed, ReceiverProcess, Supervisor

# Stands in for `python -m spanloom receiver`: does the protocol of the control line only.
CHILD = """
import os, socket, sys
line = socket.socket(fileno=int(sys.argv[sys.argv.index("--control-fd") + 1]))
while not line.recv(1 << 16).endswith(b"\\n"): pass
line.sendall({signals!r})
{then}
"""
UNTIL_ASKED = "line.recv(1)"


@pytest.fixture
async def start(monkeypatch, tmp_path):
    """Start a supervised child that sends ``signals`` and then runs ``then``."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(supervisor, "_BACKOFF_MIN_S", 0.01)
    spawn, lock = asyncio.create_subprocess_exec, os.open(tmp_path, os.O_RDONLY)
    script, started, commits = [""], [], []

    async def spawn_child(*command, **options):
        return await spawn(sys.executable, "-c", script[0], *command[3:], **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spawn_child)

    async def start(signals, then=UNTIL_ASKED):
        script[0] = CHILD.format(signals=bytes(signals), then=then)
        task = Task(0, Config(data_dir=str(tmp_path)), "127.0.0.1:1", "127.0.0.1:2")
        process = ReceiverProcess(task, lock, lambda: commits.append(1))
        started.append(process)
        await process.start()
        return process, commits

    yield start
    await Supervisor(started).stop(30)
    os.close(lock)


async def until(question):
    async with asyncio.timeout(60):
        while not question():  # noqa: ASYNC110 - the state of another process has no event
            await asyncio.sleep(0.01)


async def test_a_child_is_ready_when_it_says_so(start):
    process, _ = await start([Signal.SPOOL_WRITABLE, Signal.READY])

    assert process.accepting
    assert Supervisor([process]).accepting


async def test_a_child_that_listens_but_cannot_write_is_not_accepting(start):
    process, _ = await start([Signal.SPOOL_FAILING, Signal.READY])

    assert process.ready
    assert not Supervisor([process]).accepting


async def test_a_commit_wakes_the_pipeline(start):
    _, commits = await start([Signal.READY, Signal.COMMITTED])

    await until(lambda: commits)


async def test_a_child_that_ends_before_it_is_ready_fails_the_start(start):
    with pytest.raises(ReceiverFailed, match="receiver process 0 did not start"):
        await start([], then="sys.exit(1)")


async def test_a_child_that_ends_later_is_started_again(start):
    process, commits = await start([Signal.READY], then="sys.exit(1)")

    await until(lambda: process.restarts >= 2)
    assert commits  # its last commits may have had no time for their wake-up


async def test_the_end_of_the_line_ends_the_child(start):
    process, _ = await start([Signal.READY])
    await process.stop(30)

    assert (None, False, 0) == (process.pid, process.ready, process.restarts)


async def test_a_child_that_does_not_end_is_killed(start):
    process, _ = await start([Signal.READY], then="while True: os.read(0, 1)")
    await process.stop(0.1)

    assert process.pid is None


async def test_stopping_does_not_wait_for_a_restart(start, monkeypatch):
    monkeypatch.setattr(supervisor, "_BACKOFF_MIN_S", 3600)
    process, _ = await start([Signal.READY], then="sys.exit(1)")
    await until(lambda: process.restarts)
    await process.stop(30)

    assert process.pid is None
