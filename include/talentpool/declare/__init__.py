"""Read declarations, typed and strict: partners (what comes in), campaigns (what goes out), the pool's ages.

YAML states facts, Python states procedure: no class paths, no SQL, no expressions. An unknown key or a bad value
raises DeclarationError naming the file, the field and what would have been valid.
"""

from talentpool.declare.base import Code, Declaration, read_declaration
from talentpool.declare.campaign import Campaign
from talentpool.declare.files import (
    campaign_files,
    load_campaign,
    load_named,
    load_pool_rules,
    partner_files,
    readable_campaigns,
)
from talentpool.declare.partner import Partner, anchored_pattern
from talentpool.declare.pool import AgeBand, PoolRules
from talentpool.declare.roster import BRANCH, FIELDS, REQUIRED_FIELDS, TEMPLATE_V1
from talentpool.declare.transport import registered, transport_options

__all__ = [
    "BRANCH",
    "FIELDS",
    "REQUIRED_FIELDS",
    "TEMPLATE_V1",
    "AgeBand",
    "Campaign",
    "Code",
    "Declaration",
    "Partner",
    "PoolRules",
    "anchored_pattern",
    "campaign_files",
    "load_campaign",
    "load_named",
    "load_pool_rules",
    "partner_files",
    "read_declaration",
    "readable_campaigns",
    "registered",
    "transport_options",
]
