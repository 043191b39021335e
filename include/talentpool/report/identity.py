"""Collect the figures of 谁是谁: records per person, how sure that is, what waits, what to look into.

Counts only. All are of now, whatever date the page is for: a pair is judged once and for every date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from talentpool.match import active_bands, active_weights, review_pending
from talentpool.match.candidates.keys import CAPS
from talentpool.match.scoring.compare import SHARED_MOBILE_MAX
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.match.scoring.tally import HIGHEST, LOWEST
from talentpool.match.scoring.weights import Bands, Weights
from talentpool.model import edge, match_run, record_person, source_record
from talentpool.office_day import OFFICE_TIME, OFFICE_ZONE
from talentpool.report.calibration import Calibration, calibration
from talentpool.review import count_judgements

DAYS = 60
"""At most so many days on which something happened are shown."""
MANY = 4
"""People of so many records and more stand in one line."""
BY_NAME = ("name_county", "name")
"""Kinds of blocks that common names fill: nothing is wrong with them."""
BLOCKS = {
    "document": "证件号码", "mobile": "手机号码", "sound_birth": "姓名读音与出生日期", "sound_tail": "姓名读音与证件末四位",
    "birth_tail": "出生日期与证件末四位", "surname_birth_county": "姓、出生日期与区县", "name_county": "姓名与区县",
    "name": "姓名",
}  # fmt: skip
COUNT_DAYS = sa.text((Path(__file__).parent / "count_days.sql").read_text(encoding="utf-8"))
COUNT_RECORDS = sa.text(
    """
    select least(n, :many) as n, count(*) as people, cast(sum(n) as bigint) as records, max(n) as most
    from (select person_id, count(*) as n from record_person where live group by person_id) person
    group by 1 order by 1
    """
)
COUNT_SCORES = sa.text(
    """
    select cast(least(greatest(floor(score), :lowest), :highest) as int) as bits,
           cast(sum(united) as bigint) as united, cast(sum(1 - united) as bigint) as waiting
    from (select e.score, 1 as united from edge e
          join record_person l on l.record_id = e.left_record
          join record_person r on r.record_id = e.right_record and r.person_id = l.person_id
          where e.rule <> 'human' and e.verdict = 'same'
          union all
          select p.score, 0 from review_pair p
          join record_person lo on lo.record_id = p.left_record
          join record_person ro on ro.record_id = p.right_record
          join source_record ls on (ls.partner, ls.record_id) = (lo.partner, lo.record_id) and ls.status <> 'suspended'
          join source_record rs on (rs.partner, rs.record_id) = (ro.partner, ro.record_id) and rs.status <> 'suspended'
    ) pair
    group by 1 order by 1
    """
)
"""Of the same tables as the people and the queue: what a run compared and laid aside is no state."""


@dataclass(frozen=True)
class Scores:
    """Pairs as they stand. `counts`: (whole bits, pairs the rules united, pairs that wait for somebody), in order; `bands`:
    `same` as the newest run united by it."""

    counts: tuple[tuple[int, int, int], ...]
    bands: Bands

    def pairs(self, band: str) -> int:
        """band: same or review."""
        return sum(count[1 if band == "same" else 2] for count in self.counts)


@dataclass(frozen=True)
class Weight:
    """A level of agreement in Chinese, and the bits it is worth: `most` differs where the rare weighs more."""

    text: str
    least: float
    most: float


@dataclass(frozen=True)
class Day:
    """What happened on a day of the office's: pairs, but `changed` records and people united or split."""

    on: date
    runs: int
    full_run: bool
    changed: int
    compared: int
    merged: int
    split: int
    judged: int
    waiting: int | None


@dataclass(frozen=True)
class Concerns:
    """What somebody should look into.

    `shared_mobiles`: in more than SHARED_MOBILE_MAX records each; `sharing`: (partner, records) they are in. `over_cap`:
    (kind, blocks) too large to be compared, `common_names` those that only frequent names fill. `bare`: records without
    usable evidence, counted on `bare_on`. `lost`: judgements about a record that exists no longer.
    """

    shared_mobiles: int
    sharing: tuple[tuple[str, int], ...]
    over_cap: tuple[tuple[str, int], ...]
    common_names: int
    bare: int
    lost: int
    bare_on: date | None = None

    def __bool__(self) -> bool:
        return bool(self.shared_mobiles or self.over_cap or self.bare or self.lost)


@dataclass(frozen=True)
class Identity:
    """The figures of the section, as the newest run left them. `sizes`: (records a person has, people), the last line of
    MANY and more."""

    run: int
    matched_at: datetime
    records: int
    people: int
    sizes: tuple[tuple[int, int], ...]
    largest: int
    waiting: int
    judged: int
    scores: Scores | None
    weights: tuple[Weight, ...]
    weights_version: int
    days: tuple[Day, ...]
    concerns: Concerns
    calibration: Calibration
    shared_from: int = SHARED_MOBILE_MAX

    @property
    def several(self) -> int:
        """People of more than one record."""
        return sum(people for records, people in self.sizes if records > 1)


def identity(conn: sa.Connection, partners: dict[str, str]) -> Identity | None:
    """The figures of now; None before the first matching run. `partners`: code -> name."""
    newest = sa.select(match_run).order_by(match_run.c.match_run_id.desc())
    last = conn.execute(newest.limit(1)).one_or_none()
    if last is None:
        return None
    counted = conn.execute(newest.where(match_run.c.bare.is_not(None)).limit(1)).one_or_none()
    sizes = conn.execute(COUNT_RECORDS, {"many": MANY}).all()
    weights = active_weights(conn)
    scores = conn.execute(COUNT_SCORES, {"lowest": LOWEST, "highest": HIGHEST}).all()
    return Identity(
        run=last.match_run_id,
        matched_at=last.made_at,
        records=sum(row.records for row in sizes),
        people=sum(row.people for row in sizes),
        sizes=tuple((row.n, row.people) for row in sizes),
        largest=max((row.most for row in sizes), default=0),
        waiting=review_pending(conn),
        judged=count_judgements(conn),
        scores=Scores(tuple((row.bits, row.united, row.waiting) for row in scores), active_bands(conn))
        if scores
        else None,
        weights=weights_of(weights),
        weights_version=weights.version,
        days=_days(conn),
        concerns=_concerns(conn, last, counted, partners),
        calibration=calibration(conn),
    )


def weights_of(weights: Weights) -> tuple[Weight, ...]:
    """Levels in the file's order; what weighs nothing is left out, but for the mobile that should."""
    return tuple(
        Weight(rule.zh, rule.w, rule.w + (rule.most if rule.rare else 0.0))
        for levels in weights.comparisons.values()
        for level, rule in levels.items()
        if rule.w or rule.rare or level == "shared"
    )


def _days(conn: sa.Connection) -> tuple[Day, ...]:
    rows = conn.execute(COUNT_DAYS, {"zone": OFFICE_ZONE, "most": DAYS})
    return tuple(Day(*row) for row in rows)


def _concerns(conn: sa.Connection, last: sa.Row, counted: sa.Row | None, partners: dict[str, str]) -> Concerns:
    shared, sharing = _sharing(conn, partners) if counted is not None and counted.shared_mobiles else (0, ())
    over = {kind: last.over_cap[kind] for kind in CAPS if last.over_cap.get(kind)}
    return Concerns(
        shared_mobiles=shared,
        sharing=sharing,
        over_cap=tuple((BLOCKS[kind], blocks) for kind, blocks in over.items() if kind not in BY_NAME),
        common_names=sum(blocks for kind, blocks in over.items() if kind in BY_NAME),
        bare=counted.bare if counted is not None else 0,
        bare_on=counted.made_at.astimezone(OFFICE_TIME).date() if counted is not None else None,
        lost=_lost(conn),
    )


def _sharing(conn: sa.Connection, partners: dict[str, str]) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Mobiles of too many live records, as first or second; partners with such records, those with most of them first."""
    live = source_record
    first, second = live.c.mobile_index, live.c.mobile2_index
    borne = sa.union_all(
        sa.select(first.label("number")).where(first.is_not(None)),
        sa.select(second).where(second.is_not(None), second.is_distinct_from(first)),
    ).subquery()
    shared = (
        sa.select(borne.c.number).group_by(borne.c.number).having(sa.func.count() > SHARED_MOBILE_MAX).cte("shared")
    )
    of_many = sa.or_(*(index.in_(sa.select(shared.c.number)) for index in (first, second)))
    query = sa.select(live.c.partner, sa.func.count()).where(of_many).group_by(live.c.partner)
    found = [(partners.get(partner, partner), records) for partner, records in conn.execute(query)]
    numbers = conn.scalar(sa.select(sa.func.count()).select_from(shared)) or 0
    return numbers, tuple(sorted(found, key=lambda line: (-line[1], line[0])))


def _lost(conn: sa.Connection) -> int:
    record = record_person.c.record_id
    both = sa.and_(sa.exists().where(record == edge.c.left_record), sa.exists().where(record == edge.c.right_record))
    return conn.scalar(sa.select(sa.func.count()).where(edge.c.rule == HUMAN_RULE, ~both)) or 0
