"""What both transports do with a request body: validate, make durable, count."""

from __future__ import annotations

import time

import structlog

from collector.interface import SpoolSink, SpoolUnavailable
from collector.metrics import ReceiverMetrics
from collector.receivers.budget import BudgetExhausted, ByteBudget, Reservation
from collector.receivers.commits import Commits
from collector.receivers.errors import Condition, RequestError, of_spool
from collector.receivers.peers import PeerTable
from collector.receivers.request import Accepted, accept

__all__ = ["Export"]

_log = structlog.get_logger(__name__)

_LOG_INTERVAL_S = 60.0


class Export:
    """The transport-neutral part of a receiver: one object a receiver.

    Attributes:
        metrics: of the receiver's transport.
        peers: who sends.
        draining: whether new requests are refused.
    """

    def __init__(
        self, transport: str, sink: SpoolSink, budget: ByteBudget, peers: PeerTable
    ) -> None:
        self.metrics = ReceiverMetrics(transport)
        self.peers = peers
        self.draining = False
        self._transport = transport
        self._budget = budget
        self._commits = Commits(sink)
        self._next_log_s = 0.0

    def admit(self) -> Reservation:
        """Return the reservation of a new request, before its body is read.

        Raises:
            RequestError: the receiver is draining or holds as many bytes as it may.
        """
        if self.draining:
            raise RequestError(Condition.DRAINING, "the receiver is shutting down, try again")
        try:
            return self._budget.reserve()
        except BudgetExhausted:
            raise overloaded() from None

    async def take(self, body: bytes, reservation: Reservation) -> Accepted:
        """Make the valid spans of ``body`` durable; return once they are.

        Raises:
            RequestError: nothing of ``body`` is known to be durable.
        """
        accepted = accept(body)
        if accepted.span_count:
            await self._commit(accepted, reservation)
            self.metrics.accepted_spans.inc(accepted.span_count)
        if accepted.is_empty:
            self.metrics.empty.inc()
        for reason, count in accepted.rejected.items():
            self.metrics.rejected_spans(reason).inc(count)
        self.metrics.succeeded.inc()
        self.metrics.received_bytes.inc(len(body))
        return accepted

    async def _commit(self, accepted: Accepted, reservation: Reservation) -> None:
        try:
            commit = self._commits.append(accepted.body, accepted.span_count, reservation)
        except SpoolUnavailable as failure:
            raise of_spool(failure, accepted.span_count) from failure
        except Exception:
            self.metrics.failed_spans.inc(accepted.span_count)
            raise
        verdict = await commit
        if verdict is not None:
            raise of_spool(verdict, accepted.span_count) from verdict

    def refused(self, error: RequestError) -> None:
        """Count a request that is answered with ``error``."""
        self.metrics.errors(error.condition.label).inc()
        if error.condition.retryable:
            self.metrics.refused.inc()
            self.metrics.refused_spans.inc(error.span_count)
        else:
            self.metrics.failed.inc()

    def unexpected(self, failure: BaseException) -> RequestError:
        """Count a failure of our own code and return its answer; log once a minute at most."""
        now = time.monotonic()
        if now >= self._next_log_s:
            self._next_log_s = now + _LOG_INTERVAL_S
            _log.error(
                "receiver failed unexpectedly, the client is asked to try again",
                transport=self._transport,
                exc_info=failure,
            )
        return RequestError(
            Condition.UNEXPECTED, "the receiver failed unexpectedly, try again later"
        )


def overloaded() -> RequestError:
    """Return the answer to a request for which there is no memory now."""
    return RequestError(
        Condition.OVERLOADED, "too many bytes of requests are in flight, try again later"
    )
