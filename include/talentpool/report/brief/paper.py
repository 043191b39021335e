"""Set 活动小结 as PDF: the page's figures in tables; each leads to its query at the end."""

from __future__ import annotations

from datetime import date

from talentpool.declare.occasion import say_cycle
from talentpool.paper.setting import Paper, as_pdfs
from talentpool.report.brief.facts import Brief
from talentpool.report.brief.parts import notes, parts


def title(found: Brief) -> str:
    """活动小结 and the campaign's round."""
    return f"活动小结：{found.stored.passport['name']}（{say_cycle(found.stored.cycle)}）"


def subtitle(found: Brief, today: date) -> str:
    """Of which list, and that nobody stands in it."""
    stored = found.stored
    return f"名单 {stored.list_id}，数据日期 {stored.as_of}，{found.state}；写于 {today}。只有数字，不含任何人的信息"


def brief_pdf(found: Brief, today: date) -> bytes:
    """The brief as PDF/A. PaperError where it cannot be set."""
    stored, (tables, queries) = found.stored, parts(found)
    paper = Paper(
        kind="brief",
        title=title(found),
        made_on=today,
        passport=f"LIST={stored.list_id};HASH={stored.content_hash[:12]}",
        subtitle=subtitle(found, today),
        footer=f"名单校验值 {stored.content_hash[:12]}",
        notes=notes(found),
        parts=tables,
        queries=queries,
    )
    (pdf,) = as_pdfs([paper])
    return pdf
