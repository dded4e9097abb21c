"""The memory that gRPC messages take while they arrive."""

import asyncio
import time

import pytest

from collector.receivers.budget import REQUEST_OVERHEAD_BYTES, ByteBudget
from collector.receivers.errors import Condition, RequestError
from collector.receivers.slow_reads import SLOW_AFTER_S, read_message

MAX_BYTES = 1000


async def never():
    await asyncio.Event().wait()


async def test_a_quick_message_is_not_counted_while_it_arrives():
    budget = ByteBudget(REQUEST_OVERHEAD_BYTES)

    async def quick():
        return b"message"

    assert await read_message(quick(), budget.reserve(), MAX_BYTES, 10) == b"message"


async def test_a_slow_message_counts_at_full_size_until_it_is_there():
    budget = ByteBudget(REQUEST_OVERHEAD_BYTES + MAX_BYTES)
    reservation = budget.reserve()

    async def slow():
        await asyncio.sleep(2 * SLOW_AFTER_S)
        return b"message", budget.used_bytes

    message, used_bytes = await read_message(slow(), reservation, MAX_BYTES, 10)

    assert (message, used_bytes) == (b"message", REQUEST_OVERHEAD_BYTES + MAX_BYTES)
    assert budget.used_bytes == REQUEST_OVERHEAD_BYTES


async def test_a_slow_message_that_does_not_fit_is_overload():
    budget = ByteBudget(REQUEST_OVERHEAD_BYTES + MAX_BYTES - 1)

    with pytest.raises(RequestError) as caught:
        await read_message(never(), budget.reserve(), MAX_BYTES, 10)

    assert caught.value.condition is Condition.OVERLOADED
    assert budget.used_bytes == REQUEST_OVERHEAD_BYTES


async def test_a_message_that_never_comes_is_a_slow_client():
    budget = ByteBudget()

    with pytest.raises(RequestError) as caught:
        await read_message(never(), budget.reserve(), MAX_BYTES, 0.01)

    assert caught.value.condition is Condition.SLOW_CLIENT
    assert budget.used_bytes == REQUEST_OVERHEAD_BYTES


async def test_a_loop_that_was_busy_does_not_take_messages_for_slow():
    budget = ByteBudget(REQUEST_OVERHEAD_BYTES)
    arrived = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(read_message(arrived, budget.reserve(), MAX_BYTES, 10))
    await asyncio.sleep(0)

    time.sleep(1.5 * SLOW_AFTER_S)  # noqa: ASYNC251 - the busy loop that the test is about
    await asyncio.sleep(0)
    arrived.set_result(b"message")

    assert await reading == b"message"
