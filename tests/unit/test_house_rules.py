"""The rules of the house that a machine can check; each lists its offenders. Who imports whom: lint-imports."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
PRODUCT = sorted((INCLUDE / "talentpool").rglob("*.py"))
ALL = sorted(p for top in ("include", "dags", "plugins", "tests") for p in (ROOT / top).rglob("*.py"))
SAYS_NOTHING = ("utils", "common", "helpers", "misc")


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_is_code_to_check() -> None:
    assert len(PRODUCT) > 250
    assert len(ALL) > 600


def test_the_import_contracts_see_every_file_of_the_product() -> None:
    """lint-imports reads packages: a folder without __init__.py, or a package not named to it, would go unread."""
    packages = {path.parent for top in INCLUDE.glob("talentpool*") for path in top.rglob("*.py")}
    assert len(packages) > 20
    assert _named(sorted(folder for folder in packages if not (folder / "__init__.py").exists())) == []
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == {path.parent.name for path in INCLUDE.glob("*/__init__.py")}


def test_a_folder_of_unit_tests_is_named_for_the_package_that_it_tests() -> None:
    packages = {path.parent.name for path in (INCLUDE / "talentpool").glob("*/__init__.py")}
    folders = {
        path.parent.relative_to(ROOT / "tests/unit").parts[0] for path in (ROOT / "tests/unit").glob("*/**/test_*.py")
    }
    assert len(folders) > 15
    assert folders - packages == {"talentpool_airflow", "simulators"}, "the other two packages"


def test_every_file_is_of_a_size_to_read() -> None:
    longest = {path: 80 if path.parent == ROOT / "dags" else 350 for path in ALL if "versions" not in path.parts}
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in longest}
    assert [f"{path.relative_to(ROOT)}: {lines[path]} lines" for path in longest if lines[path] > longest[path]] == []


def _functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the product with its place; migrations are history."""
    sources = [
        path for top in (INCLUDE, ROOT / "dags") for path in sorted(top.rglob("*.py")) if "versions" not in path.parts
    ]
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_a_function_is_read_on_one_screen() -> None:
    functions = _functions()
    assert len(functions) > 2_000
    assert [where for where, node in functions if (node.end_lineno or 0) - node.lineno + 1 >= 60] == []


def test_few_functions_take_six_things() -> None:
    """What always goes together is one thing with a name. The share is the rule: some steps of numpy need their columns."""
    functions = _functions()
    taken = {where: [a.arg for a in (*n.args.posonlyargs, *n.args.args, *n.args.kwonlyargs)] for where, n in functions}
    many = [f"{where}: {', '.join(them)}" for where, them in taken.items() if len({*them} - {"self", "cls"}) >= 6]
    assert len(many) < 0.04 * len(functions), "\n".join(many)


def test_every_file_says_what_it_is() -> None:
    silent = [path for path in ALL if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert _named(silent) == []
    assert _named([path for path in ALL if path.stem in SAYS_NOTHING]) == []


def test_no_sql_is_put_together_from_strings() -> None:
    suspicious = re.compile(r"""text\(\s*f["']|execute\(\s*f["']""")
    assert _named([path for path in PRODUCT if suspicious.search(path.read_text(encoding="utf-8"))]) == []


def test_verification_is_never_turned_off() -> None:
    off = re.compile(
        r"verify\s*=\s*False|known_hosts\s*=\s*None|no_host_key_check|CERT_NONE|check_hostname\s*=\s*False"
    )
    code = [*PRODUCT, *sorted((INCLUDE / "talentpool_airflow").rglob("*.py"))]
    assert _named([path for path in code if off.search(path.read_text(encoding="utf-8"))]) == []


INSIDE = {
    "acquire/json_rows.py": "a partner's rows on their way into the landing store, as they came",
    "conform/share.py": "rows on their way into the database",
    "mend.py": "an officer's one row on its way into the landing store",
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
    writers = {
        str(path.relative_to(INCLUDE)).removeprefix("talentpool/")
        for top in ("include/talentpool", "include/talentpool_airflow", "dags", "plugins")
        for path in (ROOT / top).rglob("*.py")
        if _writes_csv(path)
    }
    assert writers == {"guard/export.py", *INSIDE}
