"""No cell keeps the machine busy: whatever text stands in whatever field, the roster ends in a verdict."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as kinds  # type: ignore[import-not-found]  # what compiled patterns are made of
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

import pytest

import talentpool
from rosters import Office, person
from talentpool.conform.values.no_names import fits, is_placeholder, split_remark
from talentpool.declare import FIELDS

LONG = 20_000
UNITS = (
    "a", "(", "（x", "(x)1", "快递小哥", "本站兼职", "第一", "1", "1-", "1/", "*", "*a", "·", "2020-", "潞州区", "长治市", "某",
    "X", "0", ".", '="', "'", "\u0301", "第", "年", "1月", "#", "=(", " ", "\u00a0a", "12:", "E+", "无", "合计",
)  # fmt: skip
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)


@pytest.mark.timeout(120)  # each of these texts once took from minutes to for ever
@pytest.mark.parametrize("tail", ["", "x", "!", "1"])
def test_a_long_text_in_any_field_ends_in_a_verdict(office: Office, tail: str) -> None:
    rows = []
    for unit in UNITS:
        for field in FIELDS:
            rows.append(person(len(rows)) | {field: unit * (LONG // len(FIELDS) // len(unit)) + tail})
    outcome = office.deliver("2026-09-30", [*rows, *(person(n) for n in range(len(rows), len(rows) + 20))])
    assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.refused


@pytest.mark.timeout(60)
@pytest.mark.parametrize("tail", ["", "x", "!", ")", "1"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_long_name_is_read_and_compared(unit: str, tail: str) -> None:
    name = unit * (LONG // len(unit)) + tail
    split_remark(name)
    split_remark("(x)" + name)
    is_placeholder(name)
    assert fits(name[:50] + "*" + name[50:] + "*a" * 50, name[:50] + "b" + name[50:] + "a" * 60)


@pytest.mark.parametrize(
    ("hidden", "whole", "is_part"),
    [
        ("张*", "张三", True),
        ("张**", "张三", True),
        ("张*丰", "张三丰", True),
        ("*三", "张三", True),
        ("张*三*", "张小三丰", True),
        ("张", "张三", True),
        ("张*", "李三", False),
        ("张*丰", "张三", False),
        ("*三", "张四", False),
        ("张*三*四", "张四三", False),
        ("张三*三", "张三", False),
    ],
)
def test_what_is_left_of_a_name_is_sought_in_order(hidden: str, whole: str, is_part: bool) -> None:
    assert fits(hidden, whole) is is_part


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a module of the product keeps."""
    for module in pkgutil.walk_packages(talentpool.__path__, "talentpool."):
        for name, value in vars(importlib.import_module(module.name)).items():
            values = (
                value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
            )
            yield from ((f"{module.name}.{name}", one) for one in values if isinstance(one, re.Pattern))


def nested(tree: Any, inside: bool = False) -> bool:
    """Whether something repeated holds something repeated: tried in every way, unless a run is taken whole (++)."""
    for kind, value in tree:
        if kind in REPEATS:
            endless = value[1] is kinds.MAXREPEAT
            if (inside and endless) or nested(value[2], inside or endless):
                return True
        parts = [value[3]] if kind is kinds.SUBPATTERN else value[1] if kind is kinds.BRANCH else []
        if any(nested(part, inside) for part in parts):
            return True
    return False


def test_no_pattern_repeats_what_is_repeated() -> None:
    found = dict(patterns())
    assert len(found) > 80
    assert nested(parser.parse(r"^(a+b?)*$")) and not nested(parser.parse(r"^(a++b?)*$"))
    allowed = {
        "talentpool.conform.values.no_names._HIDDEN"
    }  # no letter before or after a run of X: it is taken in one way only
    assert {
        name
        for name, one in found.items()
        if isinstance(one.pattern, str) and nested(parser.parse(one.pattern, one.flags))
    } <= allowed
