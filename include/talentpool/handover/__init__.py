"""handover: the one-page 对接说明 that a partner's IT contact works by, made from the partner's declaration."""

from talentpool.handover.facts import Sheet, sheet_of
from talentpool.handover.paper import as_markdown, as_pdf

__all__ = ["Sheet", "as_markdown", "as_pdf", "sheet_of"]
