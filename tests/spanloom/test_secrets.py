import pytest

from spanloom.secrets import hide_passwords


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:secret@db:5432/traces", "postgresql://me:[hidden]@db:5432/traces"),
        ("postgresql://me:se/cr@et@db/traces", "postgresql://me:[hidden]@db/traces"),
        ("postgresql://:secret@db", "postgresql://:[hidden]@db"),
        (
            "postgresql://db/traces?user=me&password=secret&sslmode=require",
            "postgresql://db/traces?user=me&password=[hidden]&sslmode=require",
        ),
        ("postgresql://db?sslpassword=secret", "postgresql://db?sslpassword=[hidden]"),
        (
            "store: must be a map, not 'postgresql://me:secret@db' (from the file)",
            "store: must be a map, not 'postgresql://me:[hidden]@db' (from the file)",
        ),
    ],
)
def test_the_password_of_a_url_is_hidden(text, shown):
    assert shown == hide_passwords(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://db:5432/traces",
        "postgresql://me@db:5432/traces",
        "postgresql:///traces?host=/run/postgresql",
        "http://[::1]:4317",
        "localhost:4317",
    ],
)
def test_what_has_no_password_stays_as_it_is(text):
    assert text == hide_passwords(text)
