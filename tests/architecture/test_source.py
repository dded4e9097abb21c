"""What every tracked file keeps to: size, a stated purpose, no trace of one machine."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400

# Joined here, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a package registry's host": ["pypi" + ".org", "python" + "hosted", "files.python" + "hosted"],
    "a path of one machine": ["/" + "work/", "/" + "tmp/venv", "/" + "root/", "/" + "home/"],
}


def tracked_files(suffix: str = "") -> list[Path]:
    """The files of the repository, new ones too, but for what .gitignore names."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the files are known only in a git checkout: {error}")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name.endswith(suffix) and name)
    return sorted(path for path in paths if path.is_file())


def test_no_module_is_longer_than_a_reader_can_follow() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked_files(".py")
    }

    assert {} == {name: lines for name, lines in lengths.items() if lines > MOST_LINES}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked_files(".py")
        # A module of tests is named after the module it tests.
        if not path.name.startswith("test_") and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert [] == silent


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {needle}"
        for path in tracked_files()
        for needle in FORBIDDEN[what]
        if needle.encode() in path.read_bytes()
    ]

    assert [] == found


def test_shell_scripts_and_the_ci_entry_can_be_executed() -> None:
    scripts = [*tracked_files(".sh"), ROOT / ".ci" / "run"]

    assert [] == [str(path) for path in scripts if not path.stat().st_mode & 0o100]
