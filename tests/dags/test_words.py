"""What a task says when it skips or fails stands where officers look: it is Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from talentpool.settings import INCLUDE

CHINESE = re.compile("[一-鿿]")
SAYS = {"skipped", "stopped", "put_off", "AirflowSkipException", "AirflowFailException", "AirflowException"}


def messages() -> Iterator[tuple[str, str]]:
    """(place, words written there) of every skip and failure; one that passes an error's own words on has none."""
    for path in sorted((INCLUDE / "talentpool_airflow").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYS and node.args:
                words = "".join(
                    each.value
                    for each in ast.walk(node.args[0])
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
                if words:
                    yield f"{path.name}:{node.lineno}", words


def test_every_skip_and_failure_is_said_in_chinese() -> None:
    said = list(messages())
    assert len(said) > 20
    assert [place for place, words in said if not CHINESE.search(words)] == []
