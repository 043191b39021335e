-- What can be matched: every live record, else the latest version that history holds; of all, or of those that `among` and
-- `near` join (by partner, because that is how records are indexed). Nothing is null: the rows are read as columns of
-- fixed width (records.KINDS), salt and sealed record last.
with wanted as (
    {wanted}
)
select r.record_id, array_position({partners}::text[], r.partner)::smallint, r.first_seen - date '1970-01-01',
       (case when r.id_number_status in ('valid', 'legacy_15') then 1 when r.id_number_status = 'masked' then 2
             when r.id_number_status <> 'other_document' then -1 when r.document_type ~ {taiwan} then 3
             when r.document_type ~ {hong_kong} then 4 else 0 end)::smallint,
       coalesce(r.birth_date - date '1970-01-01', -2147483648), coalesce(r.sex, 0)::smallint,
       case when r.county ~ '^[0-9]{{1,9}}$' then r.county::integer else 0 end,
       case when r.station = '' then 0 else hashtextextended(r.county || '|' || r.station, 0) end,
       coalesce(r.hired_on - date '1970-01-01', -2147483648),
       r.live,
       case when r.id_number_status in ('valid', 'legacy_15') and r.id_index is not null then r.id_index
            else '00000000-0000-0000-0000-000000000000' end,
       coalesce(r.mobile_index, '00000000-0000-0000-0000-000000000000'), coalesce(r.mobile2_index, '00000000-0000-0000-0000-000000000000'),
       r.delivery_id, coalesce(s.salt || r.sealed, '')
from (
    select x.record_id, x.partner, x.first_seen, x.id_number_status, x.document_type, x.birth_date, x.sex, x.county, x.station, x.hired_on,
           1::smallint as live, x.id_index, x.mobile_index, x.mobile2_index, x.delivery_id, x.sealed
    from {among} source_record x {near}
    union all
    select * from (
        select distinct on (x.record_id)
               x.record_id, x.partner, x.first_seen, x.id_number_status, x.document_type, x.birth_date, x.sex, x.county, x.station, x.hired_on,
               0::smallint, x.id_index, x.mobile_index, x.mobile2_index, x.delivery_id, x.sealed
        from {among} source_record_history x {near}
        where not exists (select from source_record l where l.partner = x.partner and l.record_id = x.record_id)
        order by x.record_id, x.valid_from desc
    ) past
) r
left join record_salt s on s.delivery_id = r.delivery_id and s.record_id = r.record_id and s.row_no > 0
