"""One Chinese word for one thing: docs/glossary.md says which, and nothing that an officer reads uses another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
READ = {".py", ".html", ".csv", ".yml", ".md", ".typ", ".js", ".sql", ".json", ".toml"}
ROOMS = ("include", "dags", "plugins", "docs", "deploy")
OF_PARTNERS = {"include/reference/column_words.csv", "include/talentpool/conform/resemble.py"}
"""What partners write is understood, not written."""


def dropped() -> list[str]:
    """The words of the table's last column."""
    rows = [
        line.strip("| ").split("|") for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line[:2] == "| "
    ]
    return sorted({word.strip() for row in rows[1:] if len(row) == 4 for word in row[3].split("、") if word.strip()})


def texts() -> Iterator[tuple[str, str]]:
    """Path and text of everything that may hold a word for an officer."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in READ]
    for path in sorted([*paths, *ROOT.glob("*.md"), ROOT / "docker-compose.yml", ROOT / ".env.example"]):
        name = path.relative_to(ROOT).as_posix()
        sample = name.startswith("include/partners/") and path.suffix == ".csv"
        if path != GLOSSARY and name not in OF_PARTNERS and not sample:
            yield name, path.read_text(encoding="utf-8")


def test_no_text_uses_a_word_that_was_given_up() -> None:
    words = dropped()
    assert {"县区", "批次", "人工决定"} <= set(words)
    refused = re.compile("|".join(map(re.escape, words)))
    found = [f"{name}: {text[max(0, hit.start() - 12) : hit.end() + 12]!r}" for name, text in texts()
             for hit in refused.finditer(text)]  # fmt: skip
    assert found == []


def test_the_walk_sees_pages_tables_questions_and_documents() -> None:
    names = {name for name, _ in texts()}
    assert len(names) > 400
    assert names >= {
        "README.zh-CN.md", "dags/roster.py", "include/reference/reason_codes.csv", "include/talentpool/report/quality.html",
        "include/talentpool_airflow/console/templates/help.html", "include/talentpool_airflow/decisions.py",
        "docs/operations.md", "docker-compose.yml",
    }  # fmt: skip
