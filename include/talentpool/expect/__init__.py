"""expect: validation of a staged delivery in the database; rows set aside, and the verdict on the whole."""

from talentpool.expect.damage import value_codes
from talentpool.expect.suite import count_flags
from talentpool.expect.verdict import Verdict, expect
from talentpool.expect.words import in_words

__all__ = ["Verdict", "count_flags", "expect", "in_words", "value_codes"]
