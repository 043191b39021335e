-- Judgements around the records in match_wanted: "same" is followed however far it carries; then every judgement on whoever
-- was reached. Two joins, because either side is found by an index of its own.
with recursive reached as (
    select record_id from match_wanted
    union
    select near.record_id
    from reached
    cross join lateral (
        select right_record as record_id from edge
        where left_record = reached.record_id and rule = 'human' and verdict = 'same'
        union all
        select left_record from edge
        where right_record = reached.record_id and rule = 'human' and verdict = 'same'
    ) near
)
select e.left_record, e.right_record, e.verdict
from reached join edge e on e.left_record = reached.record_id and e.rule = 'human'
union
select e.left_record, e.right_record, e.verdict
from reached join edge e on e.right_record = reached.record_id and e.rule = 'human'
