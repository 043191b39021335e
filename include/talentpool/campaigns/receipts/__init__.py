"""Take receipts: what became of each row of a list that left the house."""

from talentpool.campaigns.receipts.taking import Returned, correct, take, take_all_but

__all__ = ["Returned", "correct", "take", "take_all_but"]
