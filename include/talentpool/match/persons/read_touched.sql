-- The records in match_touched as columns of fixed width (touched.KINDS): live, else the latest version of history. By
-- partner, because that is how they are indexed.
with wanted as (
    select p.partner, t.record_id from match_touched t cross join (select distinct partner from delivery) p
), found as (
    select record_id, partner, first_seen, id_index, id_number_status, birth_date, name_county_index, 1::smallint as live
    from wanted join source_record using (partner, record_id)
    union all
    select * from (
        select distinct on (record_id) record_id, partner, first_seen, id_index, id_number_status, birth_date, name_county_index,
               0::smallint
        from wanted w join source_record_history h using (partner, record_id)
        where not exists (select from source_record l where l.partner = w.partner and l.record_id = w.record_id)
        order by record_id, valid_from desc
    ) past
)
select record_id, array_position({partners}::text[], partner)::smallint, first_seen - date '1970-01-01',
       case when id_number_status in ('valid', 'legacy_15') and id_index is not null then id_index
            else '00000000-0000-0000-0000-000000000000' end,
       coalesce(birth_date - date '1970-01-01', {unknown}), coalesce(name_county_index, '00000000-0000-0000-0000-000000000000'), live
from found
