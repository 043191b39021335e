"""Show the quality of deliveries: scores by partner, dimension and county, each rule's results, Data Docs."""

from talentpool.services.quality.of_delivery import delivery_sheet
from talentpool.services.quality.of_rule import rule_sheet
from talentpool.services.quality.of_side import county_sheet, partner_sheet
from talentpool.services.quality.overview import overview
from talentpool.services.quality.reading import Period, Reader, period
from talentpool.services.quality.render import as_file, as_paper
from talentpool.services.quality.sheet import Sheet

__all__ = [
    "Period",
    "Reader",
    "Sheet",
    "as_file",
    "as_paper",
    "county_sheet",
    "delivery_sheet",
    "overview",
    "partner_sheet",
    "period",
    "rule_sheet",
]
