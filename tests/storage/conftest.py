"""Engines for the contract suite: an engine is one entry of ``ENGINES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.columns import WellKnownColumn
from storage.config import StoreConfig
from storage.engines import open_store
from storage.interface import Store

OpenStore = Callable[..., Store]


def _duckdb(directory: Path, extra_columns: tuple[WellKnownColumn, ...]) -> Store:
    return open_store(StoreConfig(directory / "spans.duckdb", extra_columns=extra_columns))


ENGINES = {"duckdb": _duckdb}


@pytest.fixture(params=sorted(ENGINES), scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_again(engine: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the one store of this test; what was opened before must be closed."""
    opened: list[Store] = []

    def open_it(extra_columns: tuple[WellKnownColumn, ...] = ()) -> Store:
        opened.append(ENGINES[engine](tmp_path, extra_columns))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: OpenStore) -> Store:
    return open_again()
