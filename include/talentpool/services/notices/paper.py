"""Write the notice and its slip as one HTML page, and as PDF to print and sign, with the same content."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from talentpool.services.handover.paper import FONTS
from talentpool.services.notices.facts import Notice

HERE = Path(__file__).parent
TITLE, SLIP = "个人信息处理告知书", "单独同意书"
AGREED = "我已阅读并理解上述版本的告知书，自愿就下列每一项用途分别作出选择（每项只勾一个；没有勾选的，视为不同意）："
KEEP = (
    "本页由所在单位保存原件，把签字日期作为授权日期、把版本号作为告知版本填入名册。不同意“青年人才库”的，不列入名册；同意它而不同意其他某项的，"
    "由单位同时告知团委，登记为不参加该项活动。撤回同意时以本人书面材料为准。"
)


def as_html(notice: Notice) -> str:
    """One file without script, which fetches nothing."""
    return str(_template().render(notice=notice, TITLE=TITLE, SLIP=SLIP, AGREED=AGREED, KEEP=KEEP))


def as_pdf(notice: Notice) -> bytes:
    """The same; the slip on a sheet of its own. The content goes in as data, never as markup."""
    import typst

    words = {"title": TITLE, "slip": SLIP, "agreed": AGREED, "keep": KEEP}
    data = json.dumps(asdict(notice) | words, ensure_ascii=False)
    made = typst.compile(
        str(HERE / "notice.typ"), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"notice": data},
        format="pdf",
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("notice.html")
