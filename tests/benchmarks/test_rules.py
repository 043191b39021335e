"""The plain rules that matching is measured beside: each unites what it says, and no group holds two documents."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import rules
from bench.draws import choose
from bench.rules import RULES, Groups, match_rules

COLUMNS = ("name", "sound", "surname", "document", "other", "tail", "birth", "mobile", "mobile2", "county")
SHARED: dict[str, tuple[str, ...]] = {
    "full document + name": ("document", "name"),
    "full document + surname + mobile": ("document", "surname", "mobile"),
    "mobile + name": ("mobile", "name"),
    "mobile + pinyin": ("mobile", "sound"),
    "second mobile + name": ("mobile2", "name"),
    "document tail + name + birth date": ("tail", "name", "birth"),
    "document tail + pinyin + birth date": ("tail", "sound", "birth"),
    "document tail + name + county": ("tail", "name", "county"),
    "mobile + birth date": ("mobile", "birth"),
    "document tail + birth date + surname": ("tail", "birth", "surname"),
    "name + birth date + county": ("name", "birth", "county"),
    "name + birth date": ("name", "birth"),
}
"""By rule: what two records must have in common, and need nothing else."""


def table(*records: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{column: record.get(column) for column in COLUMNS} for record in records], dtype="str")


def groups(*records: dict[str, Any]) -> list[int]:
    found: list[int] = match_rules(table(*records)).tolist()
    return found


def test_there_are_the_twelve() -> None:
    assert list(RULES) == list(SHARED) and len(RULES) == 12


@pytest.mark.parametrize("name", RULES)
def test_a_rule_unites_what_shares_all_it_asks_for_and_nothing_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", {name: RULES[name]})
    columns = SHARED[name]
    full = dict.fromkeys(columns, "1")
    assert groups(full, {}, full) == [0, 1, 0]
    for column in columns:
        less, another = {**full, column: None}, {**full, column: "2"}
        assert groups(full, less, less) == [0, 1, 2], f"{column} is unknown"
        assert groups(full, another) == [0, 1], f"{column} is another one"


def test_a_second_mobile_is_held_against_the_other_ones_first() -> None:
    assert groups({"name": "王", "mobile": "1"}, {"name": "王", "mobile": "3", "mobile2": "1"}) == [0, 0]
    assert groups({"name": "王", "mobile": "1"}, {"name": "李", "mobile": "3", "mobile2": "1"}) == [0, 1]


def test_a_passport_is_a_document_to_look_for_and_no_reason_to_stay_apart() -> None:
    assert groups({"other": "E1", "name": "王"}, {"other": "E1", "name": "王"}) == [0, 0]
    both = {"name": "王", "mobile": "1"}
    assert groups({"other": "E1", **both}, {"other": "E2", **both}, {"document": "1", **both}) == [0, 0, 0]


def test_nobody_comes_in_through_a_record_without_a_document() -> None:
    """The middle one agrees with both; the first in the table gets it."""
    both = {"name": "王", "mobile": "1"}
    assert groups({"document": "1", **both}, both, {"document": "2", **both}) == [0, 0, 2]
    by_another_rule = {"name": "王", "birth": "1990-02-03"}
    assert groups({"document": "1", **by_another_rule}, {**both, **by_another_rule}, {"document": "2", **both}) == [
        0,
        1,
        1,
    ]


def test_a_birth_date_that_stands_everywhere_is_nobodys() -> None:
    others = [{"birth": f"19{70 + at % 30}-0{1 + at % 9}-{10 + at % 17}"} for at in range(60)]
    default = {"name": "王伟", "birth": "1990-01-01"}
    found = groups(*others, *[default] * 30)
    assert len(set(found)) == 90
    assert groups(*others, *[default] * 2)[-2:] == [60, 60]


RECORDS = st.lists(
    st.fixed_dictionaries({column: st.sampled_from([None, "1", "2"]) for column in COLUMNS}), min_size=1, max_size=12
)


@pytest.mark.parametrize("examples", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_what_a_rule_finds_alike_is_one_group_unless_two_documents_forbid_it(examples: int) -> None:
    settings(max_examples=examples)(given(RECORDS)(one_group))()


def one_group(records: list[dict[str, Any]]) -> None:
    frame = table(*records)
    label = match_rules(frame)
    held = {one: set(frame["document"][label == one].dropna()) for one in set(label.tolist())}
    assert all(len(documents) <= 1 for documents in held.values())
    assert all(label[one] == one <= place for place, one in enumerate(label))
    asked = frame.assign(number=frame["document"].fillna(frame["other"]))
    for name, rule in RULES.items():
        for _, members in rule(asked).reset_index().groupby("key")["index"]:
            for one, other in combinations(label[members.to_numpy()], 2):
                assert one == other or len(held[one] | held[other]) == 2, name


def test_groups_start_as_single_records() -> None:
    assert Groups(pd.Series(["1", None, "1"])).labels().tolist() == [0, 1, 2]


def test_a_threshold_is_chosen_for_all_draws_and_must_be_precise_in_each() -> None:
    """Of two draws and three thresholds, the middle one has the best mean; only the last one is precise in both."""
    one = [{"f1": 0.9, "precision": 0.9}, {"f1": 0.8, "precision": 0.999}, {"f1": 0.5, "precision": 1.0}]
    other = [{"f1": 0.5, "precision": 0.9}, {"f1": 0.8, "precision": 0.99}, {"f1": 0.6, "precision": 0.9999}]
    chosen = choose([one, other], np.array([0.0, 2.0, 4.0]), 0.999)
    assert chosen.by_name() == {"tuned": 2.0, "precise": 4.0}
    assert choose([one, other], np.array([0.0, 2.0, 4.0]), 1.0).precise == 4.0
