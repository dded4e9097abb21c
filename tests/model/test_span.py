import pytest

from model.attributes import AttributeValue
from model.span import SpanKind, StatusCode
from tests.model.conftest import MakeSpan


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (StatusCode.ERROR, None, True),
        (StatusCode.ERROR, "false", True),
        (StatusCode.UNSET, True, True),
        (StatusCode.UNSET, "true", True),
        (StatusCode.OK, "true", True),
        (StatusCode.UNSET, False, False),
        (StatusCode.UNSET, "false", False),
        (StatusCode.UNSET, None, False),
        (StatusCode.OK, None, False),
    ],
)
def test_a_span_is_in_error_by_its_status_or_by_its_error_tag(
    span: MakeSpan, status: StatusCode, error: AttributeValue, expected: bool
) -> None:
    attributes = {} if error is None else {"error": error}

    assert span(1, status_code=status, attributes=attributes).is_error is expected


def test_an_event_named_error_is_no_error(span: MakeSpan) -> None:
    assert not span(1, kind=SpanKind.SERVER, attributes={"event": "error"}).is_error
