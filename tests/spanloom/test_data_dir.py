import os
import socket
import subprocess

import pytest

from spanloom.data_dir import DataDir, DataDirInUse, short_socket_path


@pytest.fixture
def data(tmp_path):
    return DataDir(tmp_path / "a" / "data")


def test_the_lock_makes_the_directories_and_names_its_owner(data):
    with data.locked():
        assert data.spool.is_dir()
        assert data.store.is_dir()
        assert f"{os.getpid()}\n" == (data.path / "lock").read_text()


def test_a_second_owner_is_refused_by_name(data):
    with data.locked(), pytest.raises(DataDirInUse, match=rf"\(process {os.getpid()}\) runs on"):
        data.locked().__enter__()


def test_the_lock_of_a_dead_owner_whose_receivers_are_leaving_is_waited_for(data):
    with data.locked() as descriptor:
        receiver = subprocess.Popen(["sleep", "0.3"], pass_fds=(descriptor,))
        dead = subprocess.Popen(["true"])
        dead.wait()
        os.pwrite(descriptor, f"{dead.pid}\n".encode().ljust(20), 0)
    with data.locked():
        assert receiver.wait() == 0


def test_what_a_killed_service_left_in_run_is_removed(data):
    data.run.mkdir(parents=True)
    (data.run / "admin.sock").touch()
    with data.locked():
        assert {data.metrics, data.peers} == set(data.run.iterdir())


def test_a_directory_that_cannot_be_made_is_a_clear_failure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataDirInUse, match="cannot use the data directory"):
        DataDir(tmp_path / "file").locked().__enter__()


def test_spools_left_by_more_workers_come_after_ours(data):
    data.spool.mkdir(parents=True)
    for worker in (0, 3):
        data.spool_file(worker).touch()

    assert [data.spool_file(n) for n in (0, 1, 3)] == data.spool_files(2)


@pytest.mark.parametrize("depth", [1, 20])
def test_a_socket_may_lie_as_deep_as_it_wants(tmp_path, depth):
    path = tmp_path.joinpath(*["deep_directory"] * depth, "admin.sock")
    path.parent.mkdir(parents=True)
    with short_socket_path(path) as name, socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        with short_socket_path(path) as again, socket.socket(socket.AF_UNIX) as client:
            client.connect(again)

    assert path.is_socket()
