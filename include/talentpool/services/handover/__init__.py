"""Make the one-page 对接说明 for a partner's IT contact from the partner's declaration."""

from talentpool.services.handover.facts import Sheet, sheet_of
from talentpool.services.handover.paper import as_markdown, as_pdf

__all__ = ["Sheet", "as_markdown", "as_pdf", "sheet_of"]
