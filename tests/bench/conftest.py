"""Receivers that keep what they are sent, and the load client."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest

from bench.client import LoadClient, Protocol
from bench.service import Address

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def has_toolchain() -> bool:
    if shutil.which("cc") is None:
        return False
    probe = ["cc", "-E", "-include", "nghttp2/nghttp2.h", "-x", "c", "/dev/null"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def load_client(tmp_path_factory: pytest.TempPathFactory) -> LoadClient:
    if not has_toolchain():
        pytest.skip("the load client needs cc and libnghttp2-dev, which only the bench installs")
    return LoadClient(tmp_path_factory.mktemp("load"))


@dataclass
class Receiver:
    """A receiver that acks and remembers.

    Attributes:
        refuse: how many requests to refuse first, with UNAVAILABLE or 503.
    """

    protocol: Protocol
    address: Address = field(default_factory=lambda: Address("", 0))
    bodies: list[bytes] = field(default_factory=list)
    refuse: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> bool:
        with self.lock:
            if self.refuse:
                self.refuse -= 1
                return False
            self.bodies.append(body)
            return True


@pytest.fixture(params=list(Protocol))
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    kept = Receiver(request.param)
    serve = _serve_grpc if kept.protocol is Protocol.GRPC else _serve_http
    yield from serve(kept)


def _serve_grpc(kept: Receiver) -> Iterator[Receiver]:
    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        if not kept.take(body):
            context.abort(grpc.StatusCode.UNAVAILABLE, "the spool is full")
        return b""

    class Handler(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
            handler = grpc.unary_unary_rpc_method_handler(export)
            return handler if details.method == EXPORT else None

    server = grpc.server(ThreadPoolExecutor(4), handlers=[Handler()])
    kept.address = Address("127.0.0.1", server.add_insecure_port("127.0.0.1:0"))
    server.start()
    yield kept
    server.stop(None).wait()


def _serve_http(kept: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            self.send_response(200 if kept.take(body) else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        kept.address = Address("127.0.0.1", server.server_port)
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def bodies_file(tmp_path: Path) -> Path:
    return tmp_path / "bodies"
