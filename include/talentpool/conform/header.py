"""Headers: which column is which field. The standard template or the partner's own; anything else is refused."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from talentpool.declare import REQUIRED_FIELDS, TEMPLATE_V1, Partner
from talentpool.errors import RejectedError


@dataclass(frozen=True)
class Header:
    """`fields`: field -> position of its column; `extra`: names of dropped columns; `form`: template or own."""

    form: str
    fields: dict[str, int]
    extra: tuple[str, ...]
    width: int


def clean_header(cell: str) -> str:
    """A header cell as compared: half width, without spaces, marks of required fields and remarks in brackets."""
    return _without_remark(_in_half_width(cell))


def _in_half_width(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).replace("\ufeff", "")
    return "".join(text.split()).strip("*")


def _without_remark(text: str) -> str:
    return text.split("(", maxsplit=1)[0].strip("*")


def recognise(cells: list[str], partner: Partner, name: str) -> Header | None:
    """The header in `cells`; None when no required column is there (so it is a title line, or another file).

    RejectedError header_doubled or header_missing when it is ours but wrong.
    """
    told = [_in_half_width(cell) for cell in cells]
    # 姓名(拼音) beside 姓名 is a column of its own, not 姓名 with a remark
    names = [text if _without_remark(text) in told else _without_remark(text) for text in told]
    forms = {"template": TEMPLATE_V1, "own": {clean_header(k): v for k, v in partner.format.columns.items()}}
    best, columns = max(forms.items(), key=lambda form: sum(n in form[1] for n in set(names)))
    known = [n for n in names if n in columns]
    if len(set(known)) < 2:
        return None
    doubled = sorted({n for n in known if names.count(n) > 1})
    if doubled:
        raise RejectedError("header_doubled", f"{name}: column {'、'.join(doubled)} is there twice; remove one")
    fields = {columns[n]: names.index(n) for n in known}
    missing = [n for n, field in columns.items() if field in REQUIRED_FIELDS and field not in fields]
    if missing:
        raise RejectedError("header_missing", f"{name}: required column {'、'.join(missing)} is missing")
    extra = tuple(n or f"(column {i + 1})" for i, n in enumerate(names) if n not in columns and n)
    return Header(best, fields, extra, len(cells))


def refuse_unknown(name: str) -> RejectedError:
    """No header was found where one must be."""
    return RejectedError(
        "header_unknown", f"{name}: neither the standard template's header nor the partner's; was another file sent?"
    )
