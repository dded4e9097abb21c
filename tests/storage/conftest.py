"""A store of each engine for the contract suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.interface import Store
from tests.engines import Engine, OpenStore


@pytest.fixture
def open_again(engine: Engine) -> Iterator[OpenStore]:
    """Opens the one store of this test; what was opened before must be closed."""
    with engine.place() as open_it:
        yield open_it


@pytest.fixture
def store(open_again: OpenStore) -> Store:
    return open_again()
