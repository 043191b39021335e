-- Active people of a snapshot along every dimension of the quality page, in one pass over each table.
-- seen_county and partner count a person once in every line that sees the person; the others count people once.
-- Parameter: snapshot_id.
with people as (
    select person_id, home_county, age_band, occupation, active, youth, weak_identity
    from pool_person
    where snapshot_id = :snapshot_id
),
seen as (
    select presence.partner, presence.county, presence.person_id, people.youth
    from pool_presence presence
    join people on people.person_id = presence.person_id and people.active
    where presence.snapshot_id = :snapshot_id and presence.status not in ('left', 'suspended')
)
select 'total' as dimension, case when active then 'active'
            when person_id in (select person_id from pool_presence
                               where snapshot_id = :snapshot_id and status = 'suspended') then 'suspended'
            else 'left' end as code,
       count(*) as people, count(*) filter (where youth) as youth, count(*) filter (where weak_identity) as extra
from people group by 2
union all
select 'total', 'several', count(*), count(*) filter (where youth), 0
from (select bool_or(youth) as youth from seen group by person_id having count(distinct partner) > 1) many
union all
select 'home', coalesce(home_county, ''), count(*), count(*) filter (where youth), 0
from people where active group by 2
union all
select 'band', age_band, count(*), count(*) filter (where youth), 0
from people where active group by 2
union all
select 'occupation', occupation, count(*), count(*) filter (where youth), 0
from people where active group by 2
union all
select 'seen_county', coalesce(county, ''), count(distinct person_id),
       count(distinct person_id) filter (where youth), 0
from seen group by 2
union all
select 'partner', partner, count(distinct person_id), count(distinct person_id) filter (where youth), count(*)
from seen group by 2
