"""A client that keeps exporting and remembers exactly what was acknowledged."""

import os
import threading

import grpc

from tests.collector.builders import request, span

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
SPANS_PER_REQUEST = 5


class Load:
    """Exports from several threads until stopped; refused exports are sent again, as SDKs do.

    Spans start anywhere in a few years, unless ``fields``, called for each, says when.
    """

    def __init__(self, address, threads=4, fields=dict):
        self.acknowledged = set()
        self.refused = 0
        self._address = address
        self._fields = fields
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def wait_for_acks(self, more, timeout_s=60):
        """Wait until ``more`` further spans have been acknowledged."""
        with self._changed:
            target = len(self.acknowledged) + more
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= target, timeout_s)

    def _run(self):
        options = [
            ("grpc.initial_reconnect_backoff_ms", 50),
            ("grpc.max_reconnect_backoff_ms", 200),
        ]
        with grpc.insecure_channel(self._address, options) as channel:
            export = channel.unary_unary(EXPORT)
            while not self._stopping.is_set():
                ids = [int.from_bytes(os.urandom(7), "big") | 1 for _ in range(SPANS_PER_REQUEST)]
                trace_id = os.urandom(16)
                body = request(
                    *(span(number, trace_id=trace_id, **self._fields()) for number in ids)
                )
                self._send(export, body, ids)

    def _send(self, export, body, ids):
        while True:
            try:
                export(body, timeout=10, wait_for_ready=not self._stopping.is_set())
            except grpc.RpcError:
                with self._lock:
                    self.refused += 1
                if self._stopping.is_set():
                    return  # never acknowledged, so nobody may expect it
            else:
                with self._changed:
                    self.acknowledged.update(f"{number:016x}" for number in ids)
                    self._changed.notify_all()
                return
