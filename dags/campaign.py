"""Build one DAG per campaign, `campaign__<code>`: it draws the list on its days, asks who approves it, and locks it."""

from airflow.sdk import DAG, PokeReturnValue, task

from talentpool.declare import campaign_files, load_campaign
from talentpool.in_airflow import MATCHING
from talentpool.office_day import today_in_office
from talentpool.settings import Settings
from talentpool_airflow import approvals, assets, defaults, occasions, people, releases
from talentpool_airflow.decisions import LOOK
from talentpool_airflow.declared import dags_of

settings = Settings()


def build(code: str) -> DAG:
    campaign = load_campaign(settings.campaign_dirs, code)
    drafted, locked = assets.drafted(code), assets.list_locked(code)
    with DAG(
        f"campaign__{code}",
        dag_display_name=f"关爱活动 · {campaign.name}",
        description=f"{campaign.name}：拟定、锁定名单，生成并下发表格",
        doc_md=occasions.explain(campaign),
        schedule=occasions.timetable(campaign),
        start_date=defaults.BEFORE_ALL,
        catchup=True,
        max_active_runs=1,
        default_args=defaults.default_args(campaign.owner),
        params=defaults.as_of_param("以该日期的人才库拟定名单；留空取运行日期"),
        tags=["关爱活动", campaign.name],
    ) as dag:

        @task(task_display_name="核对日期")
        def due(params=None, dag_run=None):
            return people.campaign_as_of(code, params, dag_run, today_in_office())

        @task.sensor(task_display_name="等待名册", mode="reschedule", poke_interval=1800, timeout=14 * 86400)
        def fresh(when, params=None, dag_run=None):
            return PokeReturnValue(is_done=people.fresh(code, when, params, dag_run))

        @task(task_display_name="拟定名单", pool=MATCHING, outlets=[drafted])
        def draw(when, params=None, dag_run=None, ti=None, outlet_events=None):
            ti.xcom_push("counts", people.draw(code, when, params, dag_run))
            assets.announce(outlet_events, drafted, when["as_of"])
            return approvals.shares_of(code, params, dag_run)

        @task.sensor(task_display_name="核对审批", mode="reschedule", poke_interval=LOOK.seconds, timeout=30 * 86400,
                     trigger_rule=approvals.AFTER_SKIPPED)  # fmt: skip
        def approved(when, params=None, dag_run=None):
            return PokeReturnValue(is_done=people.approved(code, when, params, dag_run))

        @task(task_display_name="锁定", pool=MATCHING, outlets=[locked])
        def lock(when, params=None, dag_run=None, outlet_events=None):
            done = people.lock(code, when, params, dag_run)
            assets.announce(outlet_events, locked, when["as_of"], list_id=done["list_id"], people=done["selected"])
            return done

        @task.sensor(task_display_name="生成表格", mode="reschedule", poke_interval=LOOK.seconds, timeout=30 * 86400)
        def sheets(when, params=None, dag_run=None):
            return PokeReturnValue(*releases.write_sheets(code, when, params, dag_run))

        when = due()
        shares, ready = draw(when), approved(when)
        fresh(when) >> shares >> approvals.ask_counties(code, shares) >> (city := approvals.ask_city(campaign))
        shares >> [city, ready]
        city >> ready >> lock(when) >> sheets(when)
    return dag


globals().update(dags_of(campaign_files(settings.campaign_dirs), "campaign", build))
