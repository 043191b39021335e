"""Turn landed bytes into clean, sealed, staged rows."""

from talentpool.conform.answers import answered, answers_of, asked, read_answers, remember, unanswered
from talentpool.conform.files.header_names import IGNORE, is_place
from talentpool.conform.parts import keep_part, kept_parts
from talentpool.conform.rows.outside import CODE as OUTSIDE
from talentpool.conform.share import Part, consent_until, hired_until, open_source, stage_share
from talentpool.conform.stage import Staged, begin, conform, finish, shares_worth

__all__ = [
    "IGNORE",
    "OUTSIDE",
    "Part",
    "Staged",
    "answered",
    "answers_of",
    "asked",
    "begin",
    "conform",
    "consent_until",
    "finish",
    "hired_until",
    "is_place",
    "keep_part",
    "kept_parts",
    "open_source",
    "read_answers",
    "remember",
    "shares_worth",
    "stage_share",
    "unanswered",
]
