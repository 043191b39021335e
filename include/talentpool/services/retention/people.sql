-- People whose every record has ended longer ago than its term, the longest ago first.
-- Parameters: chosen (people; null = everybody), left (partner -> days; null = its declaration cannot be read), suspended, orphaned and known (days), today; what is held:
-- all_held, partners, deliveries, records, rows_held (rows that were set aside).
-- A record has ended when its employee left (spell_to; and known for a while, since a day may be mistyped), its consent ended (the roster that said so), or its partner is declared
-- no more (the partner's last roster); null = it goes on, or nobody can say.
with last_roster as (
    select partner, max(as_of) as as_of from delivery where state = 'published' group by partner
),
ended as (
    select of.person_id, live.record_id, live.partner, live.delivery_id,
           case when live.status = 'left' then live.spell_to + case when term.days is not null then greatest(
                     term.days, live.valid_from + cast(:known as int) - live.spell_to) end
                when live.status = 'suspended' then (
                    select max(e.as_of) from consent_end e
                    where e.partner = live.partner and e.record_id = live.record_id and e.lifted_on is null
                ) + cast(:suspended as int)
                when not cast(:left as jsonb) ? live.partner then last_roster.as_of + cast(:orphaned as int)
           end as last_day
    from record_person of
    join source_record live on live.record_id = of.record_id
    left join last_roster on last_roster.partner = live.partner
    cross join lateral (
        select coalesce((cast(:left as jsonb) ->> live.partner)::int,
                        case when not cast(:left as jsonb) ? live.partner then cast(:orphaned as int) end) as days
    ) as term
    where cast(:chosen as uuid[]) is null or of.person_id = any(:chosen)
)
select person_id,
       array_agg(record_id order by record_id) as records,
       cast(:all_held as boolean) or bool_or(
           partner = any(:partners) or delivery_id = any(:deliveries) or record_id = any(:records)
           or (cardinality(:deliveries) > 0 and exists (
               select from source_record_history h
               where h.partner = ended.partner and h.record_id = ended.record_id and h.delivery_id = any(:deliveries)))
           or ((cast(:rows_held as boolean) or cardinality(:deliveries) > 0) and exists (
               select from quarantine q where q.record_id = ended.record_id
               and (cast(:rows_held as boolean) or q.delivery_id = any(:deliveries))))
       ) as held,
       exists (select from person_request r
               where r.done_at is null and r.kind <> 'retention' and r.records && array_agg(ended.record_id)) as asked
from ended
group by person_id
having bool_and(last_day is not null and last_day < :today)
order by max(last_day), person_id
