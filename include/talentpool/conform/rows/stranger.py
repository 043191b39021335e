"""Tell whether a row is about another person than the record that its staff number leads to.

Asked before blanks and masks keep what was known, of opened values: a stranger must not inherit it. Asked again of every
changed row by expect/audit.py, of indexes in the database: what is a stranger here is set aside there. The rule is one.
"""

from __future__ import annotations

from typing import Any

from talentpool.conform.values.documents import FOR_LIFE, USABLE, comparable
from talentpool.conform.values.names import HIDDEN, read_name
from talentpool.conform.values.no_names import fits
from talentpool.guard import Personal


def somebody_else(
    *, named: Any, moved: Any, document: Any, veiled: Any, mobile: Any, birth: Any, nothing_agrees: Any
) -> Any:
    """The rule, over truth values or over conditions of SQL: another document, and another name or county; or, without
    two documents, another name, and of document, mobile and birth date one differs at least and none agrees.

    In another county names are not compared (there is no index of the name alone): there a masked document tells, or
    mobile and birth date together. A mobile or birth date that agrees does not outweigh another document: a station's
    number is handed on as well. A number that changes with each renewal, a passport's, is no other document: it only
    tells where nothing agrees.

    Args:
        named: another name in the same county; `moved`: another county.
        document: two whole numbers that are kept for life and differ; `veiled`: a masked one that does not fit a whole
            one, or two numbers of which one at least may be renewed.
        mobile, birth: known on both sides and different.
        nothing_agrees: neither document, nor mobile, nor birth date.
    """
    return (document & (named | moved)) | (
        nothing_agrees & ((named & (veiled | mobile | birth)) | (moved & (veiled | (mobile & birth))))
    )


def is_stranger(said: Any, i: int, old: Any, sealed: Personal) -> bool:
    """The rule for one row.

    Args:
        said: merge.Values, as delivered; row `i`.
        old, sealed: plain columns and personal values of the record.
    """
    document, mobile = _document(said, i, old, sealed), _mobile(said, i, old, sealed)
    birth = None if said.birth[i] is None or old.birth_date is None else said.birth[i] == old.birth_date.isoformat()
    moved = said.county[i] != old.county
    whole = said.id_status[i] in FOR_LIFE and old.id_number_status in FOR_LIFE
    return bool(
        somebody_else(
            named=not moved and _other_name(said.name[i], sealed.name),
            moved=moved,
            document=document is False and whole,
            veiled=document is False and not whole,
            mobile=mobile is False,
            birth=birth is False,
            nothing_agrees=True not in (document, mobile, birth),
        )
    )


def _other_name(ours: str, theirs: str) -> bool:
    """Whether two whole names differ, or a hidden one does not fit the whole one; a hidden one that fits says nothing."""
    said, known = read_name(ours), read_name(theirs)
    if said.status in HIDDEN:
        return known.status == "ok" and not fits(said.name, known.name)
    return said.form != known.form != "" != said.form


def agreement(said: Any, i: int, old: Any, sealed: Personal) -> bool:
    """Whether document or mobile is the record's. A birth date alone names nobody."""
    return True in (_document(said, i, old, sealed), _mobile(said, i, old, sealed))


def _document(said: Any, i: int, old: Any, sealed: Personal) -> bool | None:
    """Whether the documents agree; None = one side has none to compare."""
    if old.id_number_status not in USABLE:
        return None
    if said.id_status[i] == "masked":
        return mask_fits(said.number[i], sealed.document_no)
    if said.id_status[i] not in USABLE:
        return None
    ours, theirs = (said.number[i], said.document_type[i]), (sealed.document_no, old.document_type)
    return comparable(*ours) == comparable(*theirs)


def _mobile(said: Any, i: int, old: Any, sealed: Personal) -> bool | None:
    if said.mobile_status[i] == "masked" and old.mobile_status == "ok" and mask_fits(said.mobile[i], sealed.mobile):
        return True
    ours = _usable((said.mobile_status[i], said.mobile[i]), (said.mobile2_status[i], said.mobile2[i]))
    theirs = _usable((old.mobile_status, sealed.mobile), (old.mobile2_status, sealed.mobile2))
    if ours and theirs:
        return not ours.isdisjoint(theirs)
    return False if said.mobile_status[i] == "masked" and old.mobile_status == "ok" else None


def _usable(*numbers: tuple[str, str]) -> set[str]:
    return {number for status, number in numbers if status == "ok"}


def mask_fits(masked: str, whole: str) -> bool:
    """Whether the signs that a mask shows are those of the whole value; a mask may be longer or shorter than it."""
    head, tail = masked.split("*", 1)[0], masked.rsplit("*", 1)[1]
    return whole.startswith(head) and whole.endswith(tail)
