-- Matching day by day, the newest first: runs, people united and taken apart, pairs that somebody judged, and how many
-- wait at the end of the day (null on a day without a run that counted them).
-- Parameters: zone (the office's), most (days).
with run as (
    select cast(timezone(:zone, made_at) as date) as day, count(*) as runs, bool_or(whole) as whole,
           sum(changed) as changed, sum(pairs) as compared,
           (array_agg(waiting order by match_run_id desc))[1] as waiting
    from match_run
    group by 1
),
event as (
    select cast(timezone(:zone, made_at) as date) as day,
           count(*) filter (where kind = 'merge') as merged, count(*) filter (where kind = 'split') as parted
    from person_event
    group by 1
),
word as (
    select cast(timezone(:zone, made_at) as date) as day, count(*) as judged
    from edge
    where rule = 'human'
    group by 1
)
select day, coalesce(runs, 0) as runs, coalesce(whole, false) as whole, coalesce(changed, 0) as changed,
       coalesce(compared, 0) as compared, coalesce(merged, 0) as merged, coalesce(parted, 0) as parted,
       coalesce(judged, 0) as judged, waiting
from run
full join event using (day)
full join word using (day)
order by day desc
limit :most
