"""Tell of which cell of a row a reason code speaks, and which codes are advice about a cell that was taken."""

from __future__ import annotations

from functools import cache

from talentpool.texts.reasons import NOTHING_TO_DO, reasons

PREFIXES = {"staff_no": "staff_no", "row": "name", "two_people": "name", "name": "name", "county": "county",
            "birth_date": "birth_date", "age": "birth_date", "under": "birth_date",
            "hired": "hired_on", "left": "left_on", "no_consent": "consented_on",
            "consent": "consented_on", "notice": "notice_version", "document_type": "document_type", "sex": "sex",
            "station": "station", "occupation": "occupation", "personal_number": "", "id": "document_no", "mobile2": "mobile2",
            "mobile": "mobile"}  # fmt: skip
"""Which field a reason code speaks of, by how the code begins."""
AGREED = frozenset({"id_masked", "mobile_masked", "name_masked"})
"""A mask that was agreed is complete: nobody is to be pushed to put something in its place."""


def field_of(code: str) -> str:
    """The field that a row's or value's reason code speaks of; '' for the whole row."""
    return next(field for prefix, field in PREFIXES.items() if code.startswith(prefix))


@cache
def told_codes(*outcomes: str) -> tuple[str, ...]:
    """Codes of rows and values with one of these outcomes that the partner may be told, in the order of the table."""
    return tuple(r.code for r in reasons().values() if r.level != "delivery" and r.outcome in outcomes and r.is_told)


@cache
def advice_codes() -> tuple[str, ...]:
    """Codes of values that were taken and that the partner might put right: each speaks of one cell, and says what to do."""
    known = reasons()
    return tuple(
        code
        for code in told_codes("noted")
        if known[code].level == "value"
        and code not in AGREED
        and not known[code].fix_zh.startswith(NOTHING_TO_DO)
        and code.startswith(tuple(prefix for prefix, field in PREFIXES.items() if field))
    )
