"""conform: landed bytes to clean, sealed, staged rows."""

from talentpool.conform.answers import answers_of, asked, read_answers, remember, unanswered
from talentpool.conform.header_names import IGNORE
from talentpool.conform.share import Part, open_source, stage_share
from talentpool.conform.stage import Staged, begin, conform, finish, shares_worth

__all__ = [
    "IGNORE",
    "Part",
    "Staged",
    "answers_of",
    "asked",
    "begin",
    "conform",
    "finish",
    "open_source",
    "read_answers",
    "remember",
    "shares_worth",
    "stage_share",
    "unanswered",
]
