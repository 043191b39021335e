"""Make a person's copy in its two forms: a PDF to print, and the password of a workbook that Office opens."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from pathlib import Path

from talentpool.services.handover.paper import FONTS
from talentpool.services.rights.account import TITLE, Account

LAYOUT = Path(__file__).with_name("copy.typ")
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Nothing that is misread when it is told by telephone: no 0, 1, i, l, o."""


def new_password() -> str:
    """Sixteen signs in four groups: 79 bits, to be told by another way than the file goes."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(16))
    return "-".join(signs[at : at + 4] for at in range(0, 16, 4))


def as_pdf(account: Account) -> bytes:
    """The copy as PDF. Its content goes in as data, never as markup."""
    import typst

    data = json.dumps(
        {"title": TITLE, "made_on": str(account.made_on), "sheets": [asdict(sheet) for sheet in account.sheets]},
        ensure_ascii=False, default=str,
    )  # fmt: skip
    made = typst.compile(
        str(LAYOUT), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"copy": data}, format="pdf"
    )
    assert isinstance(made, bytes)
    return made
