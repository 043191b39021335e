-- Where the records in match_wanted come from, and the index of their valid document number: live, else the newest
-- version that history holds. A record that is no more has no line. By partner, because that is how they are indexed.
with wanted as (
    select p.partner, w.record_id from match_wanted w cross join (select distinct partner from delivery) p
)
select x.record_id, x.partner, x.staff_no, case when x.id_number_status = any(:whole) then x.id_index end as document
from wanted w
join source_record x on x.partner = w.partner and x.record_id = w.record_id
union all
select * from (
    select distinct on (x.record_id)
           x.record_id, x.partner, x.staff_no, case when x.id_number_status = any(:whole) then x.id_index end as document
    from wanted w
    join source_record_history x on x.partner = w.partner and x.record_id = w.record_id
    where not exists (select from source_record l where l.partner = x.partner and l.record_id = x.record_id)
    order by x.record_id, x.valid_from desc
) past
