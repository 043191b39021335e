-- What can be matched: every live record, else the latest version that history holds.
select r.record_id, r.partner, r.first_seen, r.id_number_status, r.id_index, r.birth_date, r.sex, r.county,
       r.delivery_id, r.sealed, s.salt, d.wrapped_key, d.wrapped_by, d.former_key
from (
    select record_id, partner, first_seen, id_number_status, id_index, birth_date, sex, county, delivery_id, sealed
    from source_record
    union all
    select * from (
        select distinct on (record_id)
               record_id, partner, first_seen, id_number_status, id_index, birth_date, sex, county, delivery_id, sealed
        from source_record_history h
        where not exists (select from source_record l where l.partner = h.partner and l.record_id = h.record_id)
        order by record_id, valid_from desc
    ) past
) r
join delivery d on d.delivery_id = r.delivery_id
left join record_salt s on s.delivery_id = r.delivery_id and s.record_id = r.record_id
