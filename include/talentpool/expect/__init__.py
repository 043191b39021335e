"""expect: validation of a staged delivery in the database; rows set aside, and the verdict on the whole."""

from talentpool.expect.suite import count_flags
from talentpool.expect.verdict import VALUE_CODES, Verdict, expect, in_words

__all__ = ["VALUE_CODES", "Verdict", "count_flags", "expect", "in_words"]
