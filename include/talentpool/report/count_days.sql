-- Matching day by day, the newest first: runs, people united and split, pairs that somebody judged, and how many
-- wait at the end of the day (null on a day without a run that counted them).
-- Parameters: zone (the office's), most (days).
with run as (
    select cast(timezone(:zone, made_at) as date) as day, count(*) as runs, bool_or(full_run) as full_run,
           sum(changed) as changed, sum(pairs) as compared,
           (array_agg(waiting order by match_run_id desc))[1] as waiting
    from match_run
    group by 1
),
event as (
    select cast(timezone(:zone, made_at) as date) as day,
           count(*) filter (where kind = 'merge') as merged, count(*) filter (where kind = 'split') as split
    from person_event
    group by 1
),
judgement as (
    select cast(timezone(:zone, made_at) as date) as day, count(*) as judged
    from edge
    where rule = 'human'
    group by 1
)
select day, coalesce(runs, 0) as runs, coalesce(full_run, false) as full_run, coalesce(changed, 0) as changed,
       coalesce(compared, 0) as compared, coalesce(merged, 0) as merged, coalesce(split, 0) as split,
       coalesce(judged, 0) as judged, waiting
from run
full join event using (day)
full join judgement using (day)
order by day desc
limit :most
