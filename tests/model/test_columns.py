import pytest

from model.batch import span_schema
from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn, columns_by_key


def test_old_and_new_names_of_one_thing_share_a_column() -> None:
    by_key = columns_by_key(WELL_KNOWN)

    assert by_key["http.method"] is by_key["http.request.method"]
    assert by_key["http.status_code"] is by_key["http.response.status_code"]
    assert by_key["guid:x-request-id"].name == "request_id"


def test_two_columns_cannot_claim_one_key() -> None:
    second = WellKnownColumn("mine", ColumnType.STRING, ("component",))

    with pytest.raises(ValueError, match="'component' belongs to column 'component' already"):
        columns_by_key((*WELL_KNOWN, second))


def test_every_field_of_a_batch_has_a_name_of_its_own() -> None:
    names = span_schema().names

    assert len(names) == len(set(names))


def test_well_known_columns_may_be_empty() -> None:
    schema = span_schema()

    assert all(schema.field(column.name).nullable for column in WELL_KNOWN)
