"""Twelve rules as an analyst writes them in an afternoon: the plain peer of matching, on the table of bench.cleaned.

The strongest rule comes first. Records that a rule finds alike become one group unless the group would then hold two
full resident numbers: a group is asked, not a pair, so nobody comes in through a record without a number. A rule says
nothing of a record that lacks what it asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.quality import grouped

DEFAULT = 10
"""A birth date with so many times the bearers of the mean one is nobody's: 1990-01-01."""
Keys = pd.DataFrame
"""One column, the value that two records must share; indexed by a record's place. A record may have several, or none."""


def _same(*columns: str) -> Callable[[pd.DataFrame], Keys]:
    """Records of which all these are known and the same."""

    def keys(frame: pd.DataFrame) -> Keys:
        known = frame[list(columns)].dropna()
        return pd.DataFrame({"key": known.groupby(list(columns), sort=False).ngroup()}, index=known.index)

    return keys


def _same_number(*columns: str) -> Callable[[pd.DataFrame], Keys]:
    """The same where the mobile of one may be the second mobile of the other."""

    def keys(frame: pd.DataFrame) -> Keys:
        of = [frame[list(columns)].assign(number=frame[mobile]) for mobile in ("mobile", "mobile2")]
        return _same(*columns, "number")(pd.concat(of))

    return keys


RULES: dict[str, Callable[[pd.DataFrame], Keys]] = {
    "full document + name": _same("number", "name"),
    "full document + surname + mobile": _same("number", "surname", "mobile"),
    "mobile + name": _same("mobile", "name"),
    "mobile + pinyin": _same("mobile", "sound"),
    "second mobile + name": _same_number("name"),
    "document tail + name + birth date": _same("tail", "name", "birth"),
    "document tail + pinyin + birth date": _same("tail", "sound", "birth"),
    "document tail + name + county": _same("tail", "name", "county"),
    "mobile + birth date": _same("mobile", "birth"),
    "document tail + birth date + surname": _same("tail", "birth", "surname"),
    "name + birth date + county": _same("name", "birth", "county"),
    "name + birth date": _same("name", "birth"),
}
"""By name, the strongest first."""


def match_rules(table: pa.Table | pd.DataFrame) -> np.ndarray:
    """(records,) the group of each: the place of its first record.

    Args:
        table: columns as in bench.cleaned; `true` and `person` are not read.
    """
    frame = table.to_pandas() if isinstance(table, pa.Table) else table
    frame = frame.reset_index(drop=True)
    # a passport is a document to look for, and nothing that tells two people apart: it is renewed
    frame = frame.assign(number=frame["document"].fillna(frame["other"]), birth=_real(frame["birth"]))
    groups = Groups(frame["document"])
    for rule in RULES.values():
        groups.join(rule(frame))
    return groups.labels()


def _real(birth: pd.Series) -> pd.Series:
    """Without the dates that somebody's system puts where none is known: nobody who counts his column misses them."""
    bearers = birth.map(birth.value_counts())
    return birth.where(bearers <= DEFAULT * birth.count() / max(birth.nunique(), 1))


class Groups:
    """Groups of records, none with two documents.

    Args:
        document: (records,) the full number, null = unknown.
    """

    def __init__(self, document: pd.Series) -> None:
        self._parent = np.arange(len(document))
        self._document: list[int] = (pd.factorize(document)[0]).tolist()
        """Of each root: the number of its group, -1 = none is known."""

    def labels(self) -> np.ndarray:
        """(records,) each one's root."""
        while True:
            up = self._parent[self._parent]
            if np.array_equal(up, self._parent):
                return up
            self._parent = up

    def join(self, keys: Keys) -> None:
        """All records of a key, as far as their documents allow; who comes first in the table is asked first."""
        root = self.labels()
        blocks = pd.DataFrame({"key": keys["key"].to_numpy(), "root": root[keys.index.to_numpy()]}).drop_duplicates()
        blocks = blocks[blocks.duplicated("key", keep=False)].sort_values(["key", "root"], kind="stable")
        parent, last = root.tolist(), None
        apart: list[int] = []
        for key, one in zip(blocks["key"].tolist(), blocks["root"].tolist(), strict=True):
            if key != last:
                apart, last = [], key
            if not any(self._unite(parent, one, other) for other in apart):
                apart.append(one)
        self._parent = np.asarray(parent)

    def _unite(self, parent: list[int], one: int, other: int) -> bool:
        """Whether the two are one group now."""
        one, other = _root(parent, one), _root(parent, other)
        if one == other:
            return True
        here, there = self._document[one], self._document[other]
        if here != there and here >= 0 and there >= 0:
            return False
        first, second = min(one, other), max(one, other)
        parent[second] = first
        self._document[first] = max(here, there)
        return True


def _root(parent: list[int], one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


def peer_rules(request: dict[str, Any]) -> dict[str, Any]:
    """The rules on `request["cleaned"]`, and beside them what drops rows that are the same (drop_duplicates)."""
    frame = pq.ParquetFile(request["cleaned"]).read().to_pandas()
    began, used = time.perf_counter(), time.process_time()
    ruled = match_rules(frame)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    dropped = frame.groupby(["name", "document", "mobile", "birth"], dropna=False).ngroup()
    return {
        "rules": grouped(ruled, frame["true"]), "dropped": grouped(dropped, frame["true"]),
        "seconds": seconds, "cpu": cpu,
    }  # fmt: skip
