"""The queries behind 活动小结: each number of it is what one of them gives, by the officer's own hand as well."""

from __future__ import annotations

from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.standing import strongest_text
from talentpool.campaigns.sessions.line import COUNTED
from talentpool.report.hand_out_days import ROADS

ON_THE_LIST = "select reason, selected, count(*) from target_row where list_id = :list group by reason, selected"
OUT = (
    "select count(*) from target_row t where t.list_id = :list and t.selected and (exists (select from {exported}) "
    "or exists (select from {in_plain}) or exists (select from {on_a_phone}) "
    "or exists (select from receipt_row r where r.list_id = t.list_id and r.row_id = t.row_id))"
)
for _road, _rows in ROADS.items():
    OUT = OUT.replace(f"{{{_road}}}", " ".join(_rows.split()))
STANDS = (
    "with s as (select distinct on (row_id) row_id, outcome, delivered, on_day from receipt_row where list_id = :list "
    "order by row_id, {strongest}) ".replace("{strongest}", strongest_text())
)
RECEIVED = "{} select count(*), coalesce(sum(delivered), 0) from s where outcome in ('full', 'part')".replace(
    "{}", STANDS
)
DAYS = (
    "{} select on_day, count(*) from s where outcome in ('full', 'part') and on_day is not null group by on_day order by on_day"
).replace("{}", STANDS)
OUTCOMES = (
    "{} select coalesce(s.outcome, '没有回执'), count(*) from target_row t left join s using (row_id)"
    " where t.list_id = :list and t.selected group by 1 order by 2 desc"
).replace("{}", STANDS)
_SHARE = (
    "{} select {by}, count(*), count(*) filter (where s.outcome in ('full', 'part')), count(*) filter (where s.outcome is null)"
    " from target_row t left join s using (row_id) where t.list_id = :list and t.selected group by {by} order by {by}"
).replace("{}", STANDS)
COUNTIES = _SHARE.replace("{by}", "coalesce(t.county, '')")
UNITS = _SHARE.replace("{by}", "coalesce(t.partner, ''), coalesce(t.station, '')")
SAMPLE = (
    "select coalesce(w.answer, ''), count(*) from spot_check_row r left join lateral (select answer from spot_check_word w"
    " where w.list_id = r.list_id and w.row_id = r.row_id order by word_id desc limit 1) w on true"
    " where r.list_id = :list group by 1 order by 2 desc"
)
COMPLAINTS = (
    "select category, count(*), count(*) filter (where answered_by is null) from complaint where list_id = :list "
    "group by category order by 2 desc, 1"
)
_FROM = " from stock_account where campaign = :campaign and cycle = :cycle and "
_PLACE = "(account = 'city' or county is not null)"
GOODS = (
    ("购入", "市、县采购入账的份数", f"select -coalesce(sum(moved), 0){_FROM}account = 'bought'"),
    ("捐赠", "受赠入账的份数", f"select -coalesce(sum(moved), 0){_FROM}account = 'donated'"),
    ("发放", "回执登记的份数，含本轮补充名单和作废名单；加上现场从预留发出的", f"select coalesce(sum(handed), 0){_FROM}{_PLACE}"),
    ("退回", "退给供货方或捐赠方的份数", f"select coalesce(sum(moved), 0){_FROM}account = 'returned'"),
    ("损坏、遗失", "登记了原因的份数", f"select coalesce(sum(moved), 0){_FROM}account = 'damaged'"),
    ("结存", "购入、捐赠减去发放、退回和损坏、遗失；是负数时，发放的有一部分没有入账",
     f"select coalesce(sum(moved - handed), 0){_FROM}{_PLACE}"),
)  # fmt: skip
"""The ledger's numbers: name, what it counts, query."""
_COUNT = "select coalesce(sum(number), 0) from ({}) c where what = ".replace("{}", COUNTED)
SIGNED = (
    "select (select count(*) from (select distinct on (row_id) slot from session_signup where list_id = :list"
    " order by row_id, entry_id desc) s where slot > 0) + ({})"
)
VISITS = (
    ("报名", "报了名的人，含候补；办结后为当时的人数", ("session",), SIGNED.replace("{}", f"{_COUNT}'signed'")),
    ("到场", "各场次、各区县登记的到场人数；谁到场不登记", ("session", "event"), f"{_COUNT}'came'"),
    ("随行子女", "各区县登记的人数；不登记其他任何信息", ("event",), f"{_COUNT}'children'"),
)  # fmt: skip
"""Who came, in numbers: name, what it counts, of which forms, query."""


def shown(stored: Stored, query: str) -> str:
    """A query as it can be run: with the values of this list."""
    values = {":list": str(stored.list_id), ":campaign": f"'{stored.campaign}'", ":cycle": f"'{stored.cycle}'"}
    for name, value in values.items():
        query = query.replace(name, value)
    return query
