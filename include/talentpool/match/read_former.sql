-- Of records whose mobile was another once: the newest such version, as columns of fixed width (records.FORMER_KINDS).
select record_id, coalesce(mobile_index, '00000000-0000-0000-0000-000000000000'), valid_from - date '1970-01-01',
       valid_to - date '1970-01-01'
from (
    select distinct on (h.record_id) h.record_id, h.mobile_index, h.valid_from, h.valid_to
    from {among}
    left join source_record l on l.partner = h.partner and l.record_id = h.record_id
    left join lateral (
        select n.mobile_index from source_record_history n
        where l.record_id is null and n.partner = h.partner and n.record_id = h.record_id
        order by n.valid_from desc limit 1
    ) last on true
    where h.mobile_index is distinct from case when l.record_id is null then last.mobile_index else l.mobile_index end
    order by h.record_id, h.valid_from desc
) former
