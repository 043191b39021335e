"""Write to a partner what was wrong with its delivery: cells, reasons, remedies, and how it compares with the ones before."""

from talentpool.services.letters.making import make_letter
from talentpool.services.letters.sending import Outside, Post, Round, send_due
from talentpool.services.letters.standing import Overview, overview, take_out, words_on

__all__ = ["Outside", "Overview", "Post", "Round", "make_letter", "overview", "send_due", "take_out", "words_on"]
