"""What a form of the console brings: no control character goes past the one place that reads its fields."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile

CONSOLE = Path(__file__).resolve().parents[2] / "include" / "talentpool_airflow" / "console"
REFUSED = ["\0", "王\0", "a\x01b", "a\x1bb", "a\x7fb", "a\x9fb", "a\ud800b", "2026-10-31\0"]


@pytest.mark.parametrize("value", REFUSED)
def test_a_field_with_a_control_character_is_refused(value: str) -> None:
    from talentpool_airflow.console.forms import file_of, number, text

    for read in (text, number):
        with pytest.raises(HTTPException) as caught:
            read(FormData({"note": value}), "note")
        assert caught.value.status_code == 422
        assert value not in str(caught.value.detail)
    upload = UploadFile(io.BytesIO(b"x"), filename=f"{value}.csv")
    with pytest.raises(HTTPException) as caught:
        file_of(FormData([("file", upload)]), "file")
    assert caught.value.status_code == 422


@pytest.mark.parametrize("value", ["核实过", "第一行\r\n第二行", "a\tb", "𠮷野", "é", "👍", "阿布都·热合曼"])
def test_what_people_write_is_taken(value: str) -> None:
    from talentpool_airflow.console.forms import text

    assert text(FormData({"note": f" {value} "}), "note") == value


def test_no_page_reads_a_field_by_itself() -> None:
    """text() and file_of() are the one place; what stands in an address is looked at by the guard."""
    own = []
    for path in sorted(CONSOLE.rglob("*.py")):
        if path.name == "forms.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "form"
            if asked or (
                isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "form"
            ):
                own.append(f"{path.name}:{node.lineno}")
    assert own == []
