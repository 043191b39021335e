"""Turn landed bytes into clean, sealed, staged rows."""

from talentpool.conform.answers import answered, answers_of, asked, read_answers, remember, unanswered
from talentpool.conform.files.header_names import IGNORE, is_place
from talentpool.conform.kept_shares import keep_share, kept_shares
from talentpool.conform.rows.outside import CODE as OUTSIDE
from talentpool.conform.share import StagedShare, conform_share, consent_until, hired_until, open_source
from talentpool.conform.stage import Staged, begin, conform, finish, shares_worth

__all__ = [
    "IGNORE",
    "OUTSIDE",
    "Staged",
    "StagedShare",
    "answered",
    "answers_of",
    "asked",
    "begin",
    "conform",
    "conform_share",
    "consent_until",
    "finish",
    "hired_until",
    "is_place",
    "keep_share",
    "kept_shares",
    "open_source",
    "read_answers",
    "remember",
    "shares_worth",
    "unanswered",
]
