"""Print a version of the notice (告知书) and the slip of separate consent (单独同意) that goes with it, for partners."""

from talentpool.services.notices.facts import Notice, Purpose, Section, notice_of
from talentpool.services.notices.paper import as_html, as_pdf

__all__ = ["Notice", "Purpose", "Section", "as_html", "as_pdf", "notice_of"]
