"""Files that only their owner reads: there whole, never over another by accident, and nothing left beside them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from talentpool.private_files import append, create, create_whole, replace, replace_within, replacing
from talentpool.settings import INCLUDE


def by_stream(path: Path, content: bytes) -> None:
    with replacing(path) as text:
        text.write(content.decode())


def held_open(path: Path, content: bytes) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        replace_within(folder, path.name, content)
    finally:
        os.close(folder)


def test_such_files_are_made_in_one_place() -> None:
    """What is no file of ours to keep private, and what reads, is not meant."""
    made = [
        path.name
        for package in ("talentpool", "talentpool_airflow")
        for path in (INCLUDE / package).rglob("*.py")
        if re.search(r"0o600|mkstemp|O_EXCL|O_APPEND \| os.O_CREAT", path.read_text(encoding="utf-8"))
    ]
    assert made == ["private_files.py"]


@pytest.mark.parametrize("write", [create, create_whole, replace, append, by_stream, held_open])
def test_it_is_closed_to_others_from_the_beginning_and_nothing_lies_beside(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    path = tmp_path / "名单.txt"
    write(path, "一\n".encode())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "一\n".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [create, create_whole])
def test_what_is_made_once_is_never_written_over(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    path = tmp_path / "a.key"
    write(path, b"first")
    with pytest.raises(FileExistsError):
        write(path, b"second")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write(path, b"second")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [replace, by_stream, held_open])
def test_what_is_there_is_replaced_and_its_mode_with_it(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    path = tmp_path / "passwords.json"
    path.write_bytes(b"long ago")
    path.chmod(0o644)
    write(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_a_stream_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="no more rows"), replacing(path) as text:
        text.write("half")
        raise ValueError("no more rows")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_at_once_each_is_whole(tmp_path: Path) -> None:
    """One name beside it for all would let one move another's half into place, or find it gone."""
    replaced, lines = tmp_path / "replaced", tmp_path / "lines"
    contents = [bytes([65 + n]) * 100_000 + b"\n" for n in range(16)]

    def both(content: bytes) -> None:
        replace(replaced, content)
        append(lines, content)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(both, contents))
    assert replaced.read_bytes() in contents
    assert sorted(lines.read_bytes().splitlines(keepends=True)) == contents
    assert sorted(tmp_path.iterdir()) == [lines, replaced]


CUT_SHORT = """
import resource, sys
from pathlib import Path
from talentpool.private_files import append
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
append(Path(sys.argv[1]), b"x" * 50)
"""


def test_a_line_that_does_not_fit_any_more_is_an_error(tmp_path: Path) -> None:
    """The kernel writes what fits and says how much: as on a full disk."""
    path = tmp_path / "heads.jsonl"
    path.write_bytes(b"one line\n")
    done = subprocess.run([sys.executable, "-c", CUT_SHORT, str(path)], check=False, capture_output=True, text=True)
    assert done.returncode != 0 and "OSError" in done.stderr
