-- What can be matched: every live record, else the latest version that history holds. Nothing is null: the rows are
-- read as columns of fixed width (records.KINDS), salt and sealed record last.
select r.record_id, array_position({partners}::text[], r.partner)::smallint, r.first_seen - date '1970-01-01',
       (case when r.id_number_status in ('valid', 'legacy_15') then 1 when r.id_number_status = 'masked' then 2 else 0 end)::smallint,
       coalesce(r.birth_date - date '1970-01-01', -2147483648), coalesce(r.sex, 0)::smallint,
       case when r.county ~ '^[0-9]{{1,9}}$' then r.county::integer else 0 end,
       r.live, coalesce(r.mobile_index, '00000000-0000-0000-0000-000000000000'), coalesce(r.mobile2_index, '00000000-0000-0000-0000-000000000000'),
       r.delivery_id, coalesce(s.salt || r.sealed, '')
from (
    select record_id, partner, first_seen, id_number_status, birth_date, sex, county, 1::smallint as live, mobile_index, mobile2_index, delivery_id, sealed
    from source_record
    union all
    select * from (
        select distinct on (record_id)
               record_id, partner, first_seen, id_number_status, birth_date, sex, county, 0::smallint, mobile_index, mobile2_index, delivery_id, sealed
        from source_record_history h
        where not exists (select from source_record l where l.partner = h.partner and l.record_id = h.record_id)
        order by record_id, valid_from desc
    ) past
) r
left join record_salt s on s.delivery_id = r.delivery_id and s.record_id = r.record_id
