-- The people of a snapshot without anything that names one: no id, date, station or number leaves this query.
-- partners, counties: of the records on a roster that the session sees, each once, joined by |; '' is an unknown county.
-- Placeholders: snapshot; but (further conditions on p, or nothing).
select p.home_county, p.home_partner, seen.partners, seen.counties, coalesce(seen.records, 0) as records,
       p.age_band, p.youth, case p.sex when 1 then 'male' when 2 then 'female' end as sex, p.occupation,
       case when p.active then 'active' when seen.suspended then 'suspended' else 'left' end as status, p.weak_identity
from pool_person p
left join (
    select person_id, bool_or(status = 'suspended') as suspended, count(*) filter (where on_roster) as records,
           string_agg(distinct partner, '|' order by partner) filter (where on_roster) as partners,
           string_agg(distinct county, '|' order by county) filter (where on_roster) as counties
    from (
        select person_id, partner, coalesce(county, '') as county, status, status not in ('left', 'suspended') as on_roster
        from pool_presence
        where snapshot_id = {snapshot}
    ) presence
    group by person_id
) seen on seen.person_id = p.person_id
where p.snapshot_id = {snapshot} {but}
