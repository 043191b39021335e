"""Codes in words: every code that a table may hold has one, and the word is the glossary's."""

from __future__ import annotations

from pathlib import Path

from talentpool.texts.labels import ROSTER_KINDS, SEX, SPELL_ENDS, STATUS

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"


def test_every_code_has_a_word() -> None:
    assert set(STATUS) == {"active", "suspected", "left", "suspended"}
    assert set(SEX) == {1, 2}
    assert set(SPELL_ENDS) == {"moved", "left_on", "missing"}
    assert set(ROSTER_KINDS) == {"full", "delta"}


def test_a_roster_is_called_as_the_glossary_has_it() -> None:
    (line,) = [
        line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| full roster, delta")
    ]
    assert "、".join(ROSTER_KINDS.values()) == [cell.strip() for cell in line.split("|")][3]
