"""What rules may read of a person: written down for each rule, and nothing of politics, membership, deeds or points."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.facts import judged, known, select_facts
from talentpool.declare import load_campaign
from talentpool.declare.rules import RULES
from talentpool.settings import INCLUDE

EVERY: dict[str, Any] = {
    "age": {"min": 16, "max": 35}, "birthday_month": [1], "occupations": ["courier"], "partners": ["sf"],
    "counties": ["140430"], "stations": [{"partner": "sf", "county": "140403", "name": "东街站"}],
    "joined": {"months": 1}, "served": {"days": 1}, "not_served": {"days": 1}, "open_pairs": "wait",
}  # fmt: skip
"""A parameter of every rule that no campaign has by itself."""


def _round(folder: Path) -> Round:
    """Of a campaign that declares every rule."""
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    (folder / "warm_winter.yml").write_text(yaml.safe_dump({**facts, "eligibility": EVERY}), encoding="utf-8")
    return Round.on(load_campaign([folder], "warm_winter"), date(2026, 10, 31))


READS = {
    "active": {"active", "suspended", "consent_lost", "stopped"}, "opted_out": {"opted_out"}, "weak_identity": {"weak_identity"},
    "age": {"birth_date"}, "youngest": {"birth_date"}, "birthday_month": {"birth_date"}, "occupations": {"occupation"},
    "partners": {"home_partner"}, "counties": {"home_county"},
    "stations": {"home_partner", "home_county", "home_station"}, "joined": {"joined_on"},
    "home_county": {"home_county"}, "notice": {"notice_covers"}, "served": {"served_"}, "not_served": {"served_"},
    "open_pairs": {"open_pair"},
}  # fmt: skip
"""Rule -> what it reads of a person. A new rule is written here, too, and what it reads is looked at by somebody."""


def test_a_rule_reads_what_is_written_here_and_nothing_else(tmp_path: Path) -> None:
    drawn = _round(tmp_path)
    rules = drawn.campaign.eligibility
    assert set(rules) == set(RULES) == set(READS)
    facts = select_facts(drawn, 1).subquery("facts")
    for own in ("", "own_"):
        seen = known(drawn, facts, own=own)
        for name, parameter in rules.items():
            read = {
                column.name.removeprefix(own)
                for condition in RULES[name].check(seen, parameter).values()
                for column in sa.sql.visitors.iterate(condition)
                if isinstance(column, sa.ColumnClause | sa.Column)
            }
            assert read <= READS[name] and (own or read == READS[name]), name


FORBIDDEN = (
    "politic",
    "party",
    "league",
    "member",
    "ethnic",
    "deed",
    "point",
    "star",
    "rating",
    "score",
    "team",
    "rank",
)
"""Political status, membership of a unit, deeds and points: no word of a column that a list is made from."""
FACTS_FROM = {
    "pool_person", "pool_presence", "source_record", "source_record_history", "record_absence", "consent_end", "delivery",
    "delivery_sighting", "edge", "notice", "use_stop", "record_person", "review_pair", "person_redirect",
    "target_list", "target_row", "receipt_row",
}  # fmt: skip


def test_lists_are_made_from_these_tables_and_no_column_tells_politics_or_deeds(tmp_path: Path) -> None:
    statement = judged(_round(tmp_path), 1)
    parts = list(sa.sql.visitors.iterate(statement))
    tables = {part.name for part in parts if isinstance(part, sa.Table)}
    assert {"pool_person", "target_row", "review_pair"} <= tables, "the walk sees inside"
    assert tables <= FACTS_FROM
    columns = {str(part.name) for part in parts if isinstance(part, sa.ColumnClause | sa.Column)}
    assert len(columns) > 20
    assert [name for name in columns for word in FORBIDDEN if word in name] == []
