"""What a row of the log is about: told in Chinese, and found by what was told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from talentpool_airflow.console.subjects import KINDS, code_of, told

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("subject", "words"),
    [("person:7d0c", "人员 7d0c"), ("list:3", "名单 3"), ("review:pairs", "复核 待判定"), ("search:mobile", "查找 手机号码"),
     ("consents:waiting", "授权待核实 待办的"), ("pair:ab", "一对记录 ab"), ("officer:王", "人员任职 王"), ("何物", "何物")],
)  # fmt: skip
def test_told_in_chinese_and_found_again(subject: str, words: str) -> None:
    assert (told(subject), code_of(words), code_of(subject)) == (words, subject, subject)


def test_every_kind_that_is_put_on_record_has_a_word() -> None:
    written = re.compile(r'(?:audit|written|refused)\(\s*[^()]*?f?"([a-z_]+):')
    kinds = {
        kind for path in (ROOT / "include").rglob("*.py") for kind in written.findall(path.read_text(encoding="utf-8"))
    }
    assert len(kinds) > 8
    assert kinds - set(KINDS) == set()
