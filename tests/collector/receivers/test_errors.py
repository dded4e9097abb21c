"""The table of errors against the specification's lists of retryable codes."""

import grpc
import pytest
from google.rpc import error_details_pb2

from collector.interface import SpoolFull, SpoolUnavailable
from collector.receivers.errors import Condition, RequestError, error_status, of_spool

HTTP_RETRYABLE = {429, 502, 503, 504}
GRPC_RETRYABLE = {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}


def details(condition, detail):
    status = error_status(RequestError(condition, "why"), retry_delay_s=2.5)
    found = [packed for packed in status.details if packed.Is(detail.DESCRIPTOR)]
    for packed in found:
        packed.Unpack(detail)
    return [detail] if found else []


@pytest.mark.parametrize("condition", Condition)
def test_both_wires_agree_on_what_may_be_retried(condition):
    retry_info = details(condition, error_details_pb2.RetryInfo())
    by_grpc = condition.code in GRPC_RETRYABLE or (
        condition.code is grpc.StatusCode.RESOURCE_EXHAUSTED and bool(retry_info)
    )

    assert (condition.http in HTTP_RETRYABLE) == condition.retryable
    assert by_grpc == condition.retryable


@pytest.mark.parametrize("condition", [one for one in Condition if one.retryable])
def test_a_retryable_error_says_when_to_try_again(condition):
    (retry_info,) = details(condition, error_details_pb2.RetryInfo())

    assert retry_info.retry_delay.ToTimedelta().total_seconds() == 2.5


@pytest.mark.parametrize("condition", [one for one in Condition if not one.retryable])
def test_a_permanent_error_carries_no_retry_info(condition):
    assert details(condition, error_details_pb2.RetryInfo()) == []


@pytest.mark.parametrize("condition", [one for one in Condition if one.http == 400])
def test_a_bad_request_says_what_is_wrong(condition):
    (bad_request,) = details(condition, error_details_pb2.BadRequest())

    assert [one.description for one in bad_request.field_violations] == ["why"]


def test_no_condition_is_answered_with_500():
    assert 500 not in {condition.http for condition in Condition}


def test_labels_are_unique():
    labels = [condition.label for condition in Condition]

    assert len(labels) == len(set(labels)) == len(Condition)


@pytest.mark.parametrize(
    ("failure", "condition"),
    [
        (SpoolFull(), Condition.SPOOL_FULL),
        (SpoolUnavailable(), Condition.SPOOL_UNAVAILABLE),
        (OSError("disk"), Condition.SPOOL_UNAVAILABLE),
    ],
)
def test_every_failure_of_the_spool_is_retryable(failure, condition):
    error = of_spool(failure, span_count=3)

    assert (error.condition, error.span_count) == (condition, 3)
    assert error.condition.retryable
