-- Of records whose mobile was another once: the last such mobile, from when to when, as columns of fixed width
-- (records.FORMER_KINDS). Versions without a mobile say nothing; those that follow one another with the same are one time.
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
)
select distinct on (record_id) record_id, mobile_index,
       min(valid_from) over (partition by record_id, nth) - date '1970-01-01', valid_to - date '1970-01-01'
from timed
where mobile_index is distinct from now
order by record_id, valid_from desc
