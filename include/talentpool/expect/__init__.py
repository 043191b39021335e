"""expect: validation of a staged delivery in the database; rows set aside, and the verdict on the whole."""

from talentpool.expect.verdict import Verdict, expect, in_words

__all__ = ["Verdict", "expect", "in_words"]
