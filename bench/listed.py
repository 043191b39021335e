"""A list of any size: a synthetic pool as a snapshot leaves it, the list drawn from it, and the bare copy of its rows.

The pool is made by the database: nobody has a name, and nothing is sealed. Everything that drawing reads is there: people with
their home records, presences, two earlier lists, requests that stop use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.settings import Settings

AS_OF = date(2026, 11, 30)
SHORT = 0.4
"""Kits for each person of the pool: fewer than are eligible."""
SERVED_BEFORE = 0.3
FILL = """
insert into delivery (partner, as_of, kind, sha256, bytes, source_name, form, state, effect, wrapped_key, rules_version,
                      declaration_hash, publish_seq)
select partner, :as_of, 'full', partner, 1, 'roster.csv', 'own', 'published', 'live', '', 1, '', at
from unnest(array['postal', 'didi', 'meituan', 'sf']) with ordinality as one(partner, at);
create temporary table somebody on commit drop as
select md5('person' || n)::uuid as person_id, md5('record' || n)::uuid as record_id,
       (array['postal', 'didi', 'meituan', 'sf'])[1 + n % 4] as partner,
       (array['140403', '140404', '140405', '140406', '140423', '140430'])[1 + (n / 7) % 6] as county,
       '站点' || n % 300 as station, date '1975-01-01' + (n * 7919::bigint % 12000)::int as birth_date, n % 3 as sex,
       (array['courier', 'rider', 'ride_hailing'])[1 + n % 3] as occupation, n % 50 = 0 as weak, n % 20 > 0 as active,
       case when n % 30 = 0 then 'v9' else 'v1' end as notice, date '2020-01-01' + n % 2000 as since, n
from generate_series(1, :people) as n;
insert into source_record (partner, record_id, staff_no, row_hash, name_status, document_type, id_number_status,
       mobile_status, mobile2_status, birth_date, sex, county, station, occupation, notice_version, weak_identity,
       delivery_id, changed_seq, first_seen, valid_from, status, spell_from)
select partner, record_id, n::text, record_id, 'ok', 'id_card', 'valid', 'ok', 'empty', birth_date, sex, county, station,
       occupation, notice, weak, 1, 1, since, since, case when active then 'active' else 'left' end, since from somebody;
insert into record_person (partner, record_id, person_id) select partner, record_id, person_id from somebody;
insert into pool_snapshot (as_of, version, area, partners, people, content_hash) values (:as_of, 1, '140400', '{}', :people, '');
insert into pool_person (snapshot_id, person_id, home_county, home_partner, home_station, home_record, active, weak_identity,
       birth_date, age, age_band, youth, sex, occupation, provenance)
select 1, person_id, county, partner, station, record_id, active, weak, birth_date,
       extract(year from age(:as_of, birth_date)), '26-35', true, sex, occupation, '{}' from somebody order by person_id;
insert into pool_presence (snapshot_id, record_id, person_id, partner, county, station, status, spell_from)
select 1, record_id, person_id, partner, county, station, case when active then 'active' else 'left' end, since from somebody;
insert into target_list (campaign, cycle, as_of, snapshot_id, state, declaration_hash, content_hash, eligible, selected,
       excluded, passport, locked_at)
select 'warm_winter', to_char(day, 'YYYY'), day, 1, 'draft', '', '', 0, 0, '{}', '{"purpose": "warm_winter"}', day
from unnest(array[date '2024-12-01', date '2025-12-01']) as day;
insert into target_row (list_id, person_id, row_id, selected, reason, county, partner, station, record_id, facts)
select l.list_id, person_id, n::text, true, 'eligible', county, partner, station, record_id, '{}'
from somebody join target_list l on n % 10 = l.list_id % 10 and n <= :served;
update target_list set state = 'locked';
insert into use_stop (request_id, record_id) select n, record_id from somebody where n % 1000 = 0;
"""
PARTITIONS = (
    "do $$ declare p text; begin foreach p in array array['postal', 'didi', 'meituan', 'sf'] loop execute format("
    "'create table if not exists source_record_%s partition of source_record for values in (%L)', p, p); end loop; end $$"
)
COPY_HEAD = """
insert into target_list (campaign, cycle, as_of, snapshot_id, state, declaration_hash, content_hash, eligible, selected,
       excluded, passport)
select campaign || '_copy', cycle, as_of, snapshot_id, state, '', '', 0, 0, excluded, passport
from target_list where list_id = :list returning list_id
"""
COPY = """
insert into target_row (list_id, person_id, row_id, selected, reason, county, partner, station, record_id, facts)
select :copy, person_id, row_id, selected, reason, county, partner, station, record_id, facts
from target_row where list_id = :list
"""


def pool_of(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: `request["rows"]` people."""
    with engine_here() as engine:
        people = request["rows"]
        given = {"as_of": AS_OF, "people": people, "served": round(people * SERVED_BEFORE)}
        with engine.begin() as conn:
            conn.execute(sa.text(PARTITIONS))
            for statement in FILL.strip().rstrip(";").split(";\n"):
                known = {name: value for name, value in given.items() if f":{name}" in statement}
                conn.execute(sa.text(statement), known)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text("vacuum (analyze)"))
    return {"seconds": 0.0, "cpu": 0.0}


def list_of(request: dict[str, Any]) -> dict[str, Any]:
    """The draft of a campaign whose stock is short, from the snapshot to rows that are stored."""
    from bench.work import Clock
    from talentpool.campaigns.lists import store_draft
    from talentpool.campaigns.round import Round
    from talentpool.campaigns.selection.rows import judge_snapshot
    from talentpool.declare import load_campaign
    from talentpool.declare.stock import Stock
    from talentpool.guard import open_keys

    settings, clock = Settings(), Clock()
    campaign = load_campaign(settings.campaign_dirs, "warm_winter")
    campaign = campaign.model_copy(update={"stock": Stock(total=round(request["rows"] * SHORT))})
    drawn = replace(Round.on(campaign, AS_OF), cycle="2026")
    with engine_here() as engine:
        keys = open_keys(settings, engine)
        with clock.running(), engine.begin() as conn:
            judged = judge_snapshot(conn, keys, drawn, 1)
            stored, _ = store_draft(conn, settings, drawn, 1, judged, {"purpose": campaign.purpose})
    assert judged.people == request["rows"] and judged.reasons["stock_short"] > 0, "the stock is short"
    return {"list": stored.list_id, "reasons": json.dumps(judged.reasons), **clock.as_json()}


def list_copied(request: dict[str, Any]) -> dict[str, Any]:
    """The peer: the same rows into the same table, as another list, by one statement."""
    from bench.work import Clock

    clock = Clock()
    with engine_here() as engine:
        with engine.begin() as conn:
            copy = conn.execute(sa.text(COPY_HEAD), {"list": request["list"]}).scalar_one()
        with clock.running(), engine.begin() as conn:
            rows = conn.execute(sa.text(COPY), {"copy": copy, "list": request["list"]}).rowcount
    assert rows == request["rows"]
    return clock.as_json()


@contextmanager
def engine_here() -> Iterator[sa.Engine]:
    from talentpool.database import connect

    engine = connect(Settings())
    yield engine
    engine.dispose()


LISTS = {"pool_of": pool_of, "list_of": list_of, "list_copied": list_copied}
