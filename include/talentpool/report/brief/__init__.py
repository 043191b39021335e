"""Write up a campaign's list once sheets have come back: 活动小结 as a page, on paper, and as a document to edit."""

from talentpool.report.brief.document import brief_docx
from talentpool.report.brief.facts import Brief, brief, list_of
from talentpool.report.brief.page import render_brief
from talentpool.report.brief.paper import brief_pdf

__all__ = ["Brief", "brief", "brief_docx", "brief_pdf", "list_of", "render_brief"]
