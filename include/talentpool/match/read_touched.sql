-- The records in match_touched as columns of fixed width (touched.KINDS): live, else the latest version of history.
with found as (
    select record_id, partner, first_seen, id_index, id_number_status, birth_date, 1::smallint as live from source_record
    where record_id in (select record_id from match_touched)
    union all
    select * from (
        select distinct on (record_id) record_id, partner, first_seen, id_index, id_number_status, birth_date, 0::smallint
        from source_record_history h
        where h.record_id in (select record_id from match_touched) and not exists (
            select from source_record l where l.partner = h.partner and l.record_id = h.record_id)
        order by record_id, valid_from desc
    ) past
)
select record_id, array_position({partners}::text[], partner)::smallint, first_seen - date '1970-01-01',
       case when id_number_status in ('valid', 'legacy_15') and id_index is not null then id_index
            else '00000000-0000-0000-0000-000000000000' end,
       coalesce(birth_date - date '1970-01-01', {unknown}), live
from found
