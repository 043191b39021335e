-- The same of the records in match_wanted. By partner, because that is how they are indexed.
with wanted as (
    select p.partner, w.record_id from match_wanted w cross join (select distinct partner from delivery) p
)
select r.record_id, r.partner, r.first_seen, r.id_number_status, r.id_index, r.birth_date, r.sex, r.county,
       r.delivery_id, r.sealed, s.salt, d.wrapped_key, d.wrapped_by, d.former_key
from (
    select x.record_id, x.partner, x.first_seen, x.id_number_status, x.id_index, x.birth_date, x.sex, x.county, x.delivery_id, x.sealed
    from wanted w
    join source_record x on x.partner = w.partner and x.record_id = w.record_id
    union all
    select * from (
        select distinct on (x.record_id)
               x.record_id, x.partner, x.first_seen, x.id_number_status, x.id_index, x.birth_date, x.sex, x.county, x.delivery_id, x.sealed
        from wanted w
        join source_record_history x on x.partner = w.partner and x.record_id = w.record_id
        where not exists (select from source_record l where l.partner = x.partner and l.record_id = x.record_id)
        order by x.record_id, x.valid_from desc
    ) past
) r
join delivery d on d.delivery_id = r.delivery_id
left join record_salt s on s.delivery_id = r.delivery_id and s.record_id = r.record_id
