"""docs/architecture.md names what is there: every package, and every function of the rooms with its arguments."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import pytest

from talentpool.settings import INCLUDE

PAGE = (INCLUDE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## The rooms and what they export")[2].partition("\nResult types")[0]
ROOMS = re.findall(r"^\| `([a-z_.]+)`[^|]*\| (.+?) \| ", TABLE.replace("\\|", "or"), re.M)
CALL = re.compile(r"^([a-z_]+(?:\.[a-z_]+)?)(?:\((.*)\).*)?$")
PACKAGES = sorted(
    str(folder.parent.relative_to(INCLUDE / "talentpool")) for folder in (INCLUDE / "talentpool").glob("**/__init__.py")
)


def _named(room: str, name: str) -> Any:
    """What a room exports under a name, or has in a module of its own."""
    there = importlib.import_module(f"talentpool.{room}")
    for part in name.split("."):
        there = (
            importlib.import_module(f"{there.__name__}.{part}") if not hasattr(there, part) else getattr(there, part)
        )
    return there


def test_the_table_of_rooms_is_read() -> None:
    assert len(ROOMS) > 15 and {"acquire", "services.rights", "match"} <= {room for room, _ in ROOMS}


@pytest.mark.parametrize(("room", "exports"), ROOMS, ids=[f"{n}-{room}" for n, (room, _) in enumerate(ROOMS)])
def test_what_a_room_is_said_to_export_is_there(room: str, exports: str) -> None:
    missing = []
    for said in re.findall(r"`([^`]+)`", exports):
        found = CALL.match(said)
        if found is None or said.endswith((".py", ".md")) or said in ("talentpool reference",):
            continue
        try:
            function = _named(room, found[1])
        except (ImportError, AttributeError):
            missing.append(said)
            continue
        if found[2] is None or "..." in found[2]:
            continue
        told = [word.split("=")[0].strip() for word in found[2].split(",") if word.strip() not in ("*", "")]
        has = list(inspect.signature(function).parameters)
        if [name for name in has if name in told] != told:
            missing.append(f"{said} takes {', '.join(has)}")
    assert missing == []


def test_every_package_is_named() -> None:
    assert [each for each in PACKAGES if each != "." and f"`{each.split('/')[-1]}" not in PAGE] == []
