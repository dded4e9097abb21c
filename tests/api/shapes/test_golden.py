"""Every shape of Bookinfo is as in its golden file; see ``golden.py``."""

import pytest

from tests.api.shapes.golden import FOLDER, SHAPES


@pytest.mark.parametrize("name", SHAPES)
def test_bookinfo_is_drawn_as_in_the_golden_file(name: str) -> None:
    assert (FOLDER / name).read_text() == SHAPES[name]()


def test_every_golden_file_is_compared() -> None:
    assert set(SHAPES) == {path.name for path in FOLDER.iterdir()}
