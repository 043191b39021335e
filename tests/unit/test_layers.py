"""The rules of the house that a machine can check: layers, sizes, what may not be written anywhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = sorted((ROOT / "include" / "talentpool").rglob("*.py"))
ALL = sorted(p for top in ("include", "dags", "plugins", "tests") for p in (ROOT / top).rglob("*.py"))
FLOW = [
    "guard",
    "acquire",
    "conform",
    "expect",
    "load",
    "rotation",
    "match",
    "pool",
    "target",
    "rights",
    "report",
    "desk",
]
"""A room imports rooms to its left. Report reads everything, and the desk shows it, so they stand last."""


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_there_is_code_to_check() -> None:
    assert len(PRODUCT) > 20
    assert {p.parent.name for p in PRODUCT} >= set(FLOW)


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_product_never_imports_airflow(path: Path) -> None:
    assert not {name for name in _imports(path) if name.split(".")[0] in ("airflow", "talentpool_airflow")}


@pytest.mark.parametrize("path", [p for p in PRODUCT if p.parent.name in FLOW], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_before_it_in_the_flow(path: Path) -> None:
    room = FLOW.index(path.parent.name)
    later = set(FLOW[room + 1 :])
    wrong = {
        name
        for name in _imports(path)
        if name.startswith("talentpool.") and name.split(".")[1] in later | {"flow", "demo", "__main__"}
    }
    assert not wrong


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_is_of_a_size_to_read_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if "versions" not in path.parts:
        assert lines <= 350, f"{lines} lines"
    assert ast.get_docstring(ast.parse(text)), "no module docstring"
    assert path.stem not in ("utils", "common", "helpers", "misc")


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda p: p.name)
def test_a_dag_file_stays_thin(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 80


def test_no_sql_is_put_together_from_strings() -> None:
    suspicious = re.compile(r"""text\(\s*f["']|execute\(\s*f["']""")
    assert not [p for p in PRODUCT if suspicious.search(p.read_text(encoding="utf-8"))]


def test_verification_is_never_turned_off() -> None:
    off = re.compile(
        r"verify\s*=\s*False|known_hosts\s*=\s*None|no_host_key_check|CERT_NONE|check_hostname\s*=\s*False"
    )
    code = [*PRODUCT, *(ROOT / "include/talentpool_airflow").rglob("*.py")]
    assert not [path for path in code if off.search(path.read_text(encoding="utf-8"))]


INSIDE = {
    "acquire/json_rows.py": "a partner's rows on their way into the landing store, as they came",
    "conform/share.py": "rows on their way into the database",
    "demo/write.py": "synthetic rosters, as a partner would write them",
}
"""Who writes CSV that is not for a spreadsheet."""


def _writes_csv(path: Path) -> bool:
    """Whether a csv writer, or a table's own way to CSV, is named, whatever it was imported as."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and (
            node.attr in ("DictWriter", "to_csv")
            or (node.attr in ("writer", "write_csv") and "csv" in ast.unparse(node.value))
        ):
            return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] == "csv":
            return True
    return False


def test_csv_that_leaves_the_house_is_written_in_one_place() -> None:
    include = ROOT / "include"
    writers = {
        str(path.relative_to(include)).removeprefix("talentpool/")
        for top in ("include/talentpool", "include/talentpool_airflow", "dags", "plugins")
        for path in (ROOT / top).rglob("*.py")
        if _writes_csv(path)
    }
    assert writers == {"guard/export.py", *INSIDE}
