import pytest

from model.ids import normalise_request_id, parse_span_id, parse_trace_id, request_id_forms

FULL = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(FULL, FULL, id="as stored"),
        pytest.param(FULL.upper(), FULL, id="upper case"),
        pytest.param("a3ce929d0e0e4736", "0" * 16 + "a3ce929d0e0e4736", id="64 bits"),
        pytest.param("f1", "0" * 30 + "f1", id="leading zeros dropped"),
        pytest.param("0" * 16 + "a3ce929d0e0e4736", "0" * 16 + "a3ce929d0e0e4736", id="padded"),
        pytest.param(f"  {FULL}\n", FULL, id="pasted with white space"),
    ],
)
def test_a_trace_id_is_read_in_every_form_that_people_write(written: str, expected: str) -> None:
    assert expected == parse_trace_id(written)


@pytest.mark.parametrize(
    "written", ["", "0", "0" * 32, "xyz", "0x1f", "4bf9-2f35", FULL + "0", "١٢"]
)
def test_what_is_no_trace_id_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="trace id must"):
        parse_trace_id(written)


def test_a_span_id_has_sixteen_digits() -> None:
    assert "0000000000000abc" == parse_span_id("ABC")
    with pytest.raises(ValueError, match="span id must be 1 to 16 hex digits"):
        parse_span_id(FULL)


def test_request_ids_are_equal_whatever_the_proxy_wrote_over_character_14() -> None:
    sent_by_client = "7f0c2a52-8f7f-441b-9d2e-0d7a6a1b2c3d"
    seen_by_proxy = "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d"

    assert normalise_request_id(sent_by_client) == normalise_request_id(seen_by_proxy)


def test_request_ids_that_differ_elsewhere_stay_different() -> None:
    assert normalise_request_id("7f0c2a52-8f7f-441b-9d2e-0d7a6a1b2c3d") != normalise_request_id(
        "7f0c2a52-8f7f-451b-9d2e-0d7a6a1b2c3d"
    )


def test_a_request_id_that_is_no_uuid_is_compared_as_it_is() -> None:
    assert "Request 12" == normalise_request_id("Request 12")
    assert ("Request 12",) == request_id_forms("Request 12")


def test_the_forms_of_a_request_id_are_all_that_a_proxy_can_write() -> None:
    forms = request_id_forms("7F0C2A52-8F7F-441B-9D2E-0D7A6A1B2C3D")

    assert 16 == len(set(forms))
    assert {"7f0c2a52-8f7f-441b-9d2e-0d7a6a1b2c3d", "7f0c2a52-8f7f-a41b-9d2e-0d7a6a1b2c3d"} < {
        *forms
    }
