"""Tell from the two consent columns whether consent is valid, missing or withdrawn.

Valid evidence is a date and a version of the notice that the office published. A partner reports a withdrawal as a row
with the word in place of the version (撤回, withdrawn), or of the date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.damage import says_nothing

_NOTHING = frozenset({"Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp"})
_TAKEN_BACK = r"(?:撤回|撤销|撤消|取消|(?:收回|解除|终止|中止)(?:了|本人)?(?:授权|同意)|拒绝|退出|withdr[ae]w|revok)"
_WITHDRAWN = re.compile(_TAKEN_BACK, re.IGNORECASE)
_DENIED = re.compile(
    rf"(?:未|没|无|否|不|非)[^，。；、,;.]{{0,6}}{_TAKEN_BACK}|{_TAKEN_BACK}\w{{0,4}}[:：(（]?(?:否|无|未|没有)|\b(?:not|no|never)\b",
    re.IGNORECASE,
)
"""The word denied: 未撤回, 没有撤回授权, 撤回：否. What follows a withdrawal, as in 撤回，不再使用, denies nothing."""
_MAY = re.compile(
    rf"(?:(?<![认许])可|有权|能够|随时|如[需要果欲想]|若|请勿)[^，。；、,;.]{{0,6}}{_TAKEN_BACK}"
    rf"|{_TAKEN_BACK}(?:授权|同意)?(?:请(?:致电|拨打?|联系|通过|发|到|至|在)|渠道|方式|途径|电话|权利|热线|路径|方法)",
    re.IGNORECASE,
)
"""What somebody may do, or how: v1（可随时撤回）."""


def says_withdrawn(cell: str) -> bool:
    """Whether a cell of the two columns says that consent was taken back."""
    text = re.sub(r"(?<=[^A-Za-z])\s+|\s+(?=[^A-Za-z])", "", unicodedata.normalize("NFKC", cell))
    text = _MAY.sub("", text)
    return bool(_WITHDRAWN.search(text)) and not _DENIED.search(text)


def as_published(notices: pa.Array, published: Iterable[str]) -> pa.Array:
    """The versions as the office writes them, whatever their width and case, and whatever stands in them that is nothing."""
    versions = list(published)
    known = pc.is_in(notices, value_set=pa.array(versions, pa.string())).to_numpy(zero_copy_only=False)
    odd = ~known & pc.greater(pc.binary_length(notices), 0).to_numpy(zero_copy_only=False)
    if not odd.any():
        return notices
    forms = [_bare(version) for version in versions]
    meant = {form: version for form, version in zip(forms, versions, strict=True) if forms.count(form) == 1}
    encoded = notices.filter(pa.array(odd)).dictionary_encode()
    read = [
        meant.get(form, cell if form and not says_nothing(cell) else "")
        for cell in encoded.dictionary.to_pylist()
        for form in [_bare(cell)]
    ]
    return pc.replace_with_mask(notices, pa.array(odd), pa.array(read, pa.string()).take(encoded.indices))


def _bare(version: str) -> str:
    text = unicodedata.normalize("NFKC", version).casefold()
    return "".join(ch for ch in text if unicodedata.category(ch) not in _NOTHING and ch != "\ufffc")


def read_consent(
    dates: pa.Array, letters: np.ndarray, notices: pa.Array, published: Mapping[str, date], days: np.ndarray
) -> np.ndarray:
    """ok, missing, unknown_notice or withdrawn for each row. A notice is unknown to whoever agreed before it was published.

    Args:
        dates: the cells of the date; `letters` and `days`: what was read there (conform/values/dates.py).
        notices: the version of each row; `published`: those that the office knows, and since when.
    """
    versions = sorted(published)
    known = pc.is_in(notices, value_set=pa.array(versions, pa.string())).to_numpy(zero_copy_only=False)
    if any(since > date.min for since in published.values()):
        since = pc.index_in(notices, value_set=pa.array(versions, pa.string())).to_numpy(zero_copy_only=False)
        first = np.array([np.datetime64(published[version], "D") for version in versions])
        known = known & ~(days < first[np.nan_to_num(since, nan=0).astype(int)])
    status = np.where(letters != "o", "missing", np.where(known, "ok", "unknown_notice"))
    odd = ~known & pc.greater(pc.binary_length(notices), 0).to_numpy(zero_copy_only=False)
    withdrawn = _said(notices, odd) | _said(dates, letters == "x")
    return np.where(withdrawn, "withdrawn", status) if withdrawn.any() else status


def _said(cells: pa.Array, among: np.ndarray) -> np.ndarray:
    """Rows of `among` whose cell says withdrawn; distinct cells only."""
    told = np.zeros(len(cells), dtype=bool)
    at = np.flatnonzero(among)
    if len(at):
        encoded = cells.take(pa.array(at)).dictionary_encode()
        words = np.array([says_withdrawn(cell) for cell in encoded.dictionary.to_pylist()], dtype=bool)
        told[at] = words[encoded.indices.to_numpy(zero_copy_only=False)]
    return told
