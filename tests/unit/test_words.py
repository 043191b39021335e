"""One Chinese word for one thing: docs/glossary.md says which, and nothing that an officer reads uses another."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
READ = {".py", ".html", ".csv", ".yml", ".md", ".typ", ".js", ".sql", ".json", ".toml"}
ROOMS = ("include", "dags", "plugins", "docs", "deploy")
OF_PARTNERS = {"include/reference/column_words.csv", "include/talentpool/conform/files/resemble.py"}
"""What partners write is understood, not written."""


def terms() -> list[list[str]]:
    """Term, meaning, Chinese label, Python name and dropped words of each row."""
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    return [row for row in rows[1:] if not row[0].startswith("**")]


def dropped() -> list[str]:
    """The words of the table's last column."""
    return sorted({word for *_, words in terms() for word in words.split("、") if word})


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


def test_no_english_sentence_leaves_open_whose_a_thing_is() -> None:
    """ "The own county" is no English: whose county it is must be said."""
    assert [name for name, text in texts() if re.search(r"\bthe own\b", text)] == []


GONE = {
    "talentpool.review.words": "around", "talentpool.review.on_record": "entries", "talentpool.review.apart": "splits",
    "talentpool.campaigns.release.twice": "twins", "talentpool_airflow.console.pages.decided": "judgements",
}  # fmt: skip
"""Modules named by a word that was given up: what they are called instead."""
GIVEN_UP = re.compile(
    r"\b(words_around|said_in|keep_word|standing_twice|VERDICTS_ON_PAIRS|whole run|taking apart|word on (a|this|that) pair"
    r"|match_run\.c\.whole)\b"
)
"""English of code and pages that has one word now: judgement, split, full run, twins."""


def test_no_module_is_called_by_a_word_that_was_given_up() -> None:
    for module, instead in GONE.items():
        package, _, name = module.rpartition(".")
        folder = ROOT / "include" / package.replace(".", "/")
        assert (folder / f"{instead}.py").exists() and not (folder / f"{name}.py").exists(), module


def test_no_code_uses_english_that_was_given_up() -> None:
    history = "include/migrations/", "docs/adr/", "CHANGELOG"
    of_a_dag = "include/talentpool_airflow/rosters.py"  # its runs are Airflow's
    found = [f"{name}: {hit.group()}" for name, text in texts() if not name.startswith(history) and name != of_a_dag
             for hit in GIVEN_UP.finditer(text)]  # fmt: skip
    assert found == []


def test_the_walk_sees_pages_tables_questions_and_documents() -> None:
    names = {name for name, _ in texts()}
    assert len(names) > 400
    assert names >= {
        "README.zh-CN.md", "dags/roster.py", "include/reference/reason_codes.csv", "include/talentpool/report/quality.html",
        "include/talentpool_airflow/console/templates/help.html", "include/talentpool_airflow/decisions.py",
        "docs/operations.md", "docker-compose.yml",
    }  # fmt: skip


def test_each_term_is_said_once_with_the_label_and_the_name_that_are_there() -> None:
    assert len({term for term, *_ in terms()}) == len(terms()) > 60
    seen = "".join(text for name, text in texts() if name.startswith(("include", "dags", "plugins")))
    for term, meaning, label, name, _ in terms():
        assert meaning and (label == "—" or all(word in seen for word in label.split("、"))), f"{term}: {label}"
        assert pkgutil.resolve_name("talentpool." + name.strip("`")) is not None
