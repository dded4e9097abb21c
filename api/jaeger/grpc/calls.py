"""What happens around the work of every call: threads, time limits, statuses, counting.

Work runs on the query threads that HTTP requests use too (:mod:`api.queries`), requests are parsed
and answers encoded there, and the event loop only moves bytes. A stream is made step by step: each
step takes a thread anew, so a client that reads slowly holds none, and a call that its client
cancels ends with the step that runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message
from grpc import StatusCode

from api.jaeger.grpc.errors import as_call_error
from api.metrics import GRPC_CALL_DURATION, GRPC_CALLS, GRPC_RESPONSE_BYTES
from api.queries import Deadline, Queries

__all__ = ["Calls", "Stream"]

_Request = TypeVar("_Request", bound=Message)
_Context: TypeAlias = grpc.aio.ServicerContext[bytes, bytes]

_MESSAGES_PER_STEP = 50


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer of many messages.

    Attributes:
        messages: made as they are asked for, which may read from the store.
        trailers: metadata that is sent after them.
    """

    messages: Iterator[Message]
    trailers: tuple[tuple[str, str], ...] = ()


class Calls:
    """Makes gRPC's handlers of blocking functions.

    Args:
        queries: where the functions run.
        timeout_s: seconds that a call may take from its arrival to the last message; the
            client's own deadline makes it less.
    """

    def __init__(self, queries: Queries, timeout_s: float) -> None:
        self._queries = queries
        self._timeout_s = timeout_s

    def unary(
        self,
        method: str,
        request_type: type[_Request],
        work: Callable[[_Request, Deadline], Message],
    ) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return the handler of a method that answers with the message that ``work`` returns."""

        async def answer(body: bytes, context: _Context) -> bytes:
            deadline = self._deadline(context)

            def run(_: Deadline) -> bytes:
                deadline.remaining()
                return work(_parsed(request_type, body), deadline).SerializeToString()

            answered = await self._queries.run(run)
            GRPC_RESPONSE_BYTES.labels(method).inc(len(answered))
            return answered

        return grpc.unary_unary_rpc_method_handler(_measured(method, answer))

    def stream(
        self,
        method: str,
        request_type: type[_Request],
        work: Callable[[_Request, Deadline], Stream],
    ) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return the handler of a method that answers with the messages of ``work``'s stream."""

        async def answer(body: bytes, context: _Context) -> None:
            deadline = self._deadline(context)

            def start(_: Deadline) -> tuple[Stream, list[bytes]]:
                deadline.remaining()
                stream = work(_parsed(request_type, body), deadline)
                return stream, step(stream)

            def step(stream: Stream) -> list[bytes]:
                deadline.remaining()
                some = islice(stream.messages, _MESSAGES_PER_STEP)
                return [message.SerializeToString() for message in some]

            # Over the whole call: one that its client does not read ends, too.
            async with asyncio.timeout(deadline.remaining()):
                stream, messages = await self._queries.run(start)
                context.set_trailing_metadata(stream.trailers)
                while messages:
                    for message in messages:
                        await context.write(message)
                        GRPC_RESPONSE_BYTES.labels(method).inc(len(message))
                    messages = await self._queries.run(lambda _: step(stream))

        return grpc.unary_stream_rpc_method_handler(_measured(method, answer))

    def _deadline(self, context: _Context) -> Deadline:
        left_s = context.time_remaining()
        return Deadline(self._timeout_s if left_s is None else min(self._timeout_s, left_s))


_Answer = TypeVar("_Answer")


def _measured(
    method: str, answer: Callable[[bytes, _Context], Awaitable[_Answer]]
) -> Callable[[bytes, _Context], Awaitable[_Answer]]:
    """Return ``answer`` with every failure as a status, and counted."""

    async def handle(body: bytes, context: _Context) -> _Answer:
        started = time.perf_counter()
        code = StatusCode.OK
        try:
            return await answer(body, context)
        except asyncio.CancelledError:
            code = StatusCode.CANCELLED
            raise
        except Exception as failure:  # noqa: BLE001 - a bug costs one call, counted and logged whole
            error = as_call_error(method, failure)
            code = error.code
            return await context.abort(error.code, error.message)
        finally:
            GRPC_CALL_DURATION.labels(method).observe(time.perf_counter() - started)
            GRPC_CALLS.labels(method, code.name).inc()

    return handle


def _parsed(request_type: type[_Request], body: bytes) -> _Request:
    """Return the request. Raises DecodeError."""
    return request_type.FromString(body)
