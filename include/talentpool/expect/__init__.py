"""Validate a staged delivery in the database: set rows aside, and give the verdict on the whole."""

from talentpool.expect.damage import value_codes
from talentpool.expect.results import dimension_of
from talentpool.expect.suite import count_flags, run_suite, suite_of
from talentpool.expect.verdict import Counting, Verdict, expect
from talentpool.expect.words import figure_in_words, in_words

__all__ = [
    "Counting",
    "Verdict",
    "count_flags",
    "dimension_of",
    "expect",
    "figure_in_words",
    "in_words",
    "run_suite",
    "suite_of",
    "value_codes",
]
