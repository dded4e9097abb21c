"""The settings of the query API."""

import msgspec
import pytest

from api import ApiConfig


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"max_page_sizes": 5}, "unknown field `max_page_sizes`"),
        ({"max_page_size": 0}, "`int` >= 1"),
        ({"max_page_size": 1001}, "`int` <= 1000"),
        ({"default_page_size": 50, "max_page_size": 20}, "larger than max_page_size"),
        ({"query_timeout_s": 0}, "`float` > 0"),
        ({"max_concurrent_queries": 0}, "`int` >= 1"),
        ({"max_metric_steps": 0}, "`int` >= 1"),
        ({"health": [{"name": "x"}]}, "missing required field `tolerance`"),
        ({"health": [{"tolerance": [{"code": "5XX", "degraded": 1}]}]}, "field `failure`"),
        (
            {"health": [{"tolerance": [{"code": "5XX", "degraded": 0, "failure": 101}]}]},
            "`float` <= 100",
        ),
        (
            {"health": [{"tolerance": [{"code": "(", "degraded": 0, "failure": 1}]}]},
            "no regular expression",
        ),
        ({"health": [{"name": "[", "tolerance": []}]}, "no regular expression"),
        ({"cors_allowed_origins": ["ui.example.com"]}, "is not an origin"),
        ({"cors_allowed_origins": ["https://ui.example.com/"]}, "is not an origin"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: object, words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(settings, ApiConfig)


def test_settings_are_read_from_plain_data() -> None:
    config = msgspec.convert(
        {"query_timeout_s": 5, "cors_allowed_origins": ["*", "http://localhost:3000"]}, ApiConfig
    )

    assert (5, ("*", "http://localhost:3000")) == (
        config.query_timeout_s,
        config.cors_allowed_origins,
    )
