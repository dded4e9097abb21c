"""Hand-written spools for the tests of the receivers."""

import asyncio
import os
import threading


class ImmediateSink:
    """Everything is durable at once."""

    def __init__(self):
        self.bodies = []
        self.span_counts = []

    def append(self, body, span_count, done):
        self.bodies.append(body)
        self.span_counts.append(span_count)
        done(None)


class HeldSink:
    """Nothing is durable until the test says so, from a thread as the real spool does."""

    def __init__(self):
        self.bodies = []
        self._waiting = []
        self._arrival = threading.Condition()

    def append(self, body, span_count, done):
        with self._arrival:
            self.bodies.append(body)
            self._waiting.append(done)
            self._arrival.notify_all()

    async def holds(self, count):
        """Wait until ``count`` bodies have arrived."""

        def wait():
            with self._arrival:
                assert self._arrival.wait_for(lambda: len(self.bodies) >= count, timeout=20)

        await asyncio.to_thread(wait)

    def settle(self, failure=None):
        waiting, self._waiting = self._waiting, []
        committer = threading.Thread(target=lambda: [done(failure) for done in waiting])
        committer.start()
        committer.join()


class RefusingSink:
    """Takes nothing, for the given reason."""

    def __init__(self, failure):
        self._failure = failure

    def append(self, body, span_count, done):
        raise self._failure


class FailingSink:
    """Takes everything and then fails to write it."""

    def __init__(self, failure):
        self._failure = failure

    def append(self, body, span_count, done):
        threading.Thread(target=done, args=(self._failure,)).start()


class FileSink:
    """A real file: appended and synced before ``done``, on a thread of its own."""

    def __init__(self, path):
        self._path = path

    def append(self, body, span_count, done):
        threading.Thread(target=self._write, args=(body, done)).start()

    def _write(self, body, done):
        with self._path.open("ab") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        done(None)
