"""Read a document's type, and whether its number is a resident's (include/reference/document_types.csv).

The number decides, the wording only helps: eighteen characters of the resident number's shape are checked as one whatever
they are called. The table says which other documents are known, and where a number of another shape is a damaged one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa

from talentpool.conform.characters.look_alikes import folded
from talentpool.settings import INCLUDE

RESIDENT, OTHER, UNKNOWN = "resident", "other", "unknown"
_REMARK = re.compile(r"[(\[【<].*?[)\]】>]")
_SIGNS = re.compile(r"[\s:：·.、,'\"`\-_/]+")


def document_kind(word: str) -> str:
    """RESIDENT (also of an empty cell), OTHER or UNKNOWN."""
    text = unicodedata.normalize("NFKC", word).strip()
    if not text:
        return RESIDENT
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    kinds = _kinds()
    for form in (text, _REMARK.sub("", text), re.sub(r"^\d+(?=\D)|(?<=\D)\d+$", "", _SIGNS.sub("", text))):
        kind = kinds.get(_key(form))
        if kind:
            return kind
    return UNKNOWN


def document_kinds(types: pa.Array) -> tuple[list[str], np.ndarray]:
    """The kind of each distinct type of a column, and which of them each row has."""
    encoded = types.dictionary_encode()
    kinds = [document_kind(word) for word in encoded.dictionary.to_pylist()]
    return kinds, encoded.indices.to_numpy(zero_copy_only=False)


@cache
def _kinds() -> dict[str, str]:
    with (INCLUDE / "reference" / "document_types.csv").open(encoding="utf-8", newline="") as lines:
        return {_key(row["word"]): row["kind"] for row in csv.DictReader(lines)}


def _key(word: str) -> str:
    return _SIGNS.sub("", folded(word)).casefold()
