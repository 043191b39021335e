"""Read cells of small closed vocabularies: sex, occupation, document type. Each distinct value is read once."""

from __future__ import annotations

import unicodedata
from datetime import date

import sqlalchemy as sa

from talentpool.model import notice, occupation

SEX = {
    **dict.fromkeys(("男", "男性", "1", "M", "MALE", "m", "male"), 1),
    **dict.fromkeys(("女", "女性", "2", "F", "FEMALE", "f", "female"), 2),
    "9": 9,
}


def read_sex(cell: str) -> int:
    """GB/T 2261.1: 1 male, 2 female, 9 not stated, 0 unknown."""
    return SEX.get(unicodedata.normalize("NFKC", cell).strip(), 0)


class Occupations:
    """The office's occupation table: code by name, code or alias."""

    def __init__(self, conn: sa.Connection, default: str) -> None:
        self._default = default
        self._codes: dict[str, str] = {}
        for row in conn.execute(sa.select(occupation).order_by(occupation.c.code)):
            for word in (row.code, row.name, *row.aliases):
                self._codes[word] = row.code

    def read(self, cell: str) -> tuple[str, bool]:
        """(code, known): empty takes the partner's default, an unknown word is kept as 'other' and noted."""
        word = unicodedata.normalize("NFKC", cell).strip()
        if not word:
            return self._default, True
        code = self._codes.get(word)
        return (code, True) if code else ("other", False)


def known_notices(conn: sa.Connection) -> dict[str, date]:
    """Versions of the notice that the office published -> since when; another one is no evidence of consent.

    date.min where one purpose of the version has no day: then any day counts.
    """
    query = sa.select(notice.c.version, sa.func.min(sa.func.coalesce(notice.c.published_on, date.min)))
    return {row[0]: row[1] for row in conn.execute(query.group_by(notice.c.version))}
