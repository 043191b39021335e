"""Decide eligibility: each rule is a named predicate, one function, registered under its key in a campaign's YAML.

A rule looks at what is `Known` of a person and its declared parameter, and answers with the reasons why not, each with
the SQL condition under which it is one. The decorator declares the parameter's type, the codes with the words an
officer reads, and how the rule is told on the sheet; nothing else needs to know of a new rule. The first reason that
holds is the person's: first what makes use unlawful, then in the order of the rules below and of their lines. No rule sees
anything about behaviour, political status or membership, and none ranks people.
"""

# A rule's place, here and in its file, is its rank: not by the alphabet.
# isort: off
from talentpool.declare.rules.registry import (
    ELIGIBLE,
    FITTING,
    MEETS_EVERY_RULE,
    LAWFUL,
    RULES,
    SELECTED,
    BESIDE_RULES,
    BY_HAND,
    COUNTY_WAITS,
    NOT_FOLLOWED,
    RECEIPT_AWAITED,
    REFUSED_BEFORE,
    SERVED_ALREADY,
    STEPS,
    STOCK_SHORT,
    Why,
    conditions,
    every_why,
    judge,
    judge_all,
    list_reasons,
    parse_rules,
    rule,
)
from talentpool.declare.rules.known import Known
from talentpool.declare.rules import standing as _standing
from talentpool.declare.rules import ages as _ages
from talentpool.declare.rules import work as _work
from talentpool.declare.rules import consent as _consent
from talentpool.declare.rules.consent import Served

# isort: on
del _standing, _ages, _work, _consent

__all__ = [
    "BESIDE_RULES",
    "BY_HAND",
    "COUNTY_WAITS",
    "ELIGIBLE",
    "FITTING",
    "LAWFUL",
    "MEETS_EVERY_RULE",
    "NOT_FOLLOWED",
    "RECEIPT_AWAITED",
    "REFUSED_BEFORE",
    "RULES",
    "SELECTED",
    "SERVED_ALREADY",
    "STEPS",
    "STOCK_SHORT",
    "Known",
    "Served",
    "Why",
    "conditions",
    "every_why",
    "judge",
    "judge_all",
    "list_reasons",
    "parse_rules",
    "rule",
]
