"""Fixtures of the end-to-end tests."""

import pytest

from tests.end_to_end.serving import Serving


@pytest.fixture
def serve(tmp_path):
    """Start services; whatever still runs at the end of the test is killed."""
    started = []

    def start(*arguments, data_dir=tmp_path / "data", **options):
        started.append(Serving(data_dir, *arguments, **options))
        return started[-1]

    yield start
    for service in started:
        service.kill()
