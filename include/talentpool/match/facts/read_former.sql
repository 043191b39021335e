-- Of records whose mobile was another once, or not known: the last such mobile (none = nothing but zeros), from when to
-- when, and since when it is the present one; as columns of fixed width (records.FORMER_KINDS). Versions without a mobile
-- say nothing of the one before; those that follow one another with the same are one time.
with versions as (
    select h.record_id, h.mobile_index, h.valid_from, h.valid_to,
           case when l.record_id is not null then l.mobile_index
                else first_value(h.mobile_index) over (partition by h.record_id order by h.valid_from desc) end as now
    from {among}
    left join source_record l on l.partner = h.partner and l.record_id = h.record_id
), told as (
    select *, mobile_index is distinct from lag(mobile_index) over (partition by record_id order by valid_from) as begins
    from versions where mobile_index is not null
), timed as (
    select *, count(*) filter (where begins) over (partition by record_id order by valid_from) as nth from told
), former as (
    select distinct on (record_id) record_id, mobile_index,
           min(valid_from) over (partition by record_id, nth) as begin, valid_to
    from timed
    where mobile_index is distinct from now
    order by record_id, valid_to desc, valid_from desc
), since as (
    select record_id, max(valid_to) as day from versions where mobile_index is distinct from now group by record_id
)
select s.record_id, coalesce(f.mobile_index, '00000000-0000-0000-0000-000000000000'),
       coalesce(f.begin, s.day) - date '1970-01-01', coalesce(f.valid_to, s.day) - date '1970-01-01', s.day - date '1970-01-01'
from since s
left join former f using (record_id)
