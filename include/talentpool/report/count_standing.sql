-- Rows that stand set aside: of each partner's newest full roster and the deltas after it, what no later delivery of the
-- chain named again. A row without a usable staff number is never named again; it stands until the next full roster.
-- Parameters: chain (delivery ids, in the order in which they count).
with chain as (
    select delivery_id, place from unnest(cast(:chain as bigint[])) with ordinality as t(delivery_id, place)
),
standing as (
    select d.partner, q.delivery_id, q.row_no, q.code
    from quarantine q
    join chain c on c.delivery_id = q.delivery_id
    join delivery d on d.delivery_id = q.delivery_id
    where not exists (select from delivery_sighting s join chain later on later.delivery_id = s.delivery_id
                      where s.record_id = q.record_id and later.place > c.place)
)
select partner, code, count(*) as n from standing group by 1, 2
union all
select partner, '', count(distinct (delivery_id, row_no)) from standing group by 1
