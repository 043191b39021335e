-- What is asked of Airflow's own database, in the order of airflow_state.py. `name`: what officers call a DAG.

-- when each kind of component was last heard of
select job_type, max(latest_heartbeat) as heard from job where state = 'running' group by job_type;

-- runs that ended badly lately; by_task: a task failed, else it was the time limit or somebody's hand
select r.dag_id, coalesce(d.dag_display_name, r.dag_id) as name, r.run_id, exists (
    select from task_instance t where t.dag_id = r.dag_id and t.run_id = r.run_id and t.state = 'failed') as by_task
from dag_run r left join dag d on d.dag_id = r.dag_id
where r.state = 'failed' and r.end_date > :since;

-- runs that hang, or wait to begin
select r.dag_id, coalesce(d.dag_display_name, r.dag_id) as name, r.run_id, r.state
from dag_run r left join dag d on d.dag_id = r.dag_id
where (r.state = 'running' and r.start_date < :long and not r.dag_id like any(:waits))
    or (r.state = 'queued' and r.queued_at < :never);

-- runs of which a task waits for a worker or a pool
select distinct t.dag_id, coalesce(d.dag_display_name, t.dag_id) as name, t.run_id
from task_instance t left join dag d on d.dag_id = t.dag_id
where t.state in ('scheduled', 'queued') and coalesce(t.queued_dttm, t.scheduled_dttm) < :never;

-- DAGs that are awake, or should be; silent: the time of the next run has passed, while DAG and scheduler were there for as long
select d.dag_id, coalesce(d.dag_display_name, d.dag_id) as name, d.is_paused or d.is_stale as asleep,
    d.next_dagrun_create_after < :never and not d.exceeds_max_non_backfill
    and exists (select from dag_version v where v.dag_id = d.dag_id and v.created_at < :never)
    and exists (select from job j where j.job_type = 'SchedulerJob' and j.state = 'running' and j.start_date < :never) as silent
from dag d where (not d.is_paused and not d.is_stale) or d.dag_id = any(:daily)
