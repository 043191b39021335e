"""Report what was delivered and what the pool counts: the figures, and the page that shows them."""

from talentpool.report.figures import Quality
from talentpool.report.page import content_security_policy, render
from talentpool.report.reading import dates, fingerprint, quality

__all__ = ["Quality", "content_security_policy", "dates", "fingerprint", "quality", "render"]
