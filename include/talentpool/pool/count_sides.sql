-- The figures of a snapshot as the pages show them, so that no page counts a million people: side '' is the whole area
-- (distinct people), every other side is one county's own: whom it sees there, and whom it serves as their home.
-- seen and partner count a person once in every line that sees the person; the others count people once.
-- Parameter: snapshot_id. Values of dimension are those of model.pool.pool_count.
with people as materialized (
    select person_id, home_county, age_band, occupation, active, youth, weak_identity
    from pool_person
    where snapshot_id = :snapshot_id
),
seen as materialized (
    select distinct presence.partner, coalesce(presence.county, '') as county, presence.person_id, people.youth
    from pool_presence presence
    join people on people.person_id = presence.person_id and people.active
    where presence.snapshot_id = :snapshot_id and presence.status not in ('left', 'suspended')
),
suspended as materialized (
    select distinct person_id from pool_presence where snapshot_id = :snapshot_id and status = 'suspended'
),
served as materialized (
    select coalesce(home_county, '') as county, age_band, occupation, youth, weak_identity, count(*) as n
    from people where active group by 1, 2, 3, 4, 5
),
by_county as materialized (
    select county, count(distinct person_id) as n, count(distinct person_id) filter (where youth) as young
    from seen group by 1
),
figures as (
    select '' as side, 'people' as dimension, 'active' as code, sum(n) as people, sum(n) filter (where youth) as youth
    from served
    union all
    select '', 'people', 'weak', sum(n) filter (where weak_identity), 0 from served
    union all
    select '', 'people', 'left', count(*), count(*) filter (where youth)
    from people where not active and person_id not in (select person_id from suspended)
    union all
    select '', 'people', 'suspended', count(*), count(*) filter (where youth)
    from people where not active and person_id in (select person_id from suspended)
    union all
    select '', 'people', 'several', count(*), count(*) filter (where youth)
    from (select bool_or(youth) as youth from seen group by person_id having count(distinct partner) > 1) many
    union all
    select '', 'home', county, sum(n), sum(n) filter (where youth) from served group by county
    union all
    select '', 'band', age_band, sum(n), sum(n) filter (where youth) from served group by age_band
    union all
    select '', 'occupation', occupation, sum(n), sum(n) filter (where youth) from served group by occupation
    union all
    select '', 'seen', county, n, young from by_county
    union all
    select '', 'partner', partner, count(distinct person_id), count(distinct person_id) filter (where youth)
    from seen group by partner
    union all
    select county, 'people', 'seen', n, young from by_county where county <> ''
    union all
    select county, 'people', 'active', sum(n), sum(n) filter (where youth) from served where county <> '' group by county
    union all
    select county, 'people', 'weak', sum(n) filter (where weak_identity), 0
    from served where county <> '' group by county
    union all
    select county, 'partner', partner, count(*), count(*) filter (where youth)
    from seen where county <> '' group by county, partner
    union all
    select county, 'band', age_band, sum(n), sum(n) filter (where youth)
    from served where county <> '' group by county, age_band
    union all
    select county, 'occupation', occupation, sum(n), sum(n) filter (where youth)
    from served where county <> '' group by county, occupation
)
insert into pool_count (snapshot_id, side, dimension, code, people, youth)
select :snapshot_id, side, dimension, code, coalesce(people, 0), coalesce(youth, 0) from figures
