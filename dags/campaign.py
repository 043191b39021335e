"""Build one DAG per campaign, `campaign__<code>`: it draws the list on the campaign's days and waits for approval."""

from airflow.sdk import DAG, PokeReturnValue, task
from airflow.timetables.events import EventsTimetable  # the SDK's twin of 3.3.2 cannot be read back

from talentpool.declare import campaign_files, load_campaign
from talentpool.declare.form import FORM_WORDS
from talentpool.declare.occasion import event_dates
from talentpool.in_airflow import MATCHING
from talentpool.office_day import today_in_office
from talentpool.settings import Settings
from talentpool_airflow import defaults, people
from talentpool_airflow.decisions import LOOK
from talentpool_airflow.declared import dags_of

DOC = """
### 关爱活动 · {name}

在活动日前 {lead} 天自动运行：从当日人才库中按条件选人，拟定名单；各区县审批本区县的部分、市级审批全部，疑似同一人
而证件号不同的都已判定后**锁定**（审批过的名单原样锁定，不再重新拟定），生成各区县与各站点的表格。

* 每年一轮，同一轮同一人只服务一次；锁定后的名单不再变动。
* 应到的名册在宽限期内未到时先**等待名册**（日志写明等哪家）；确需先拟定的，由专员写明理由（`--all-the-same`）。
* 活动日已过、本轮已锁定，或没有告知书包含此用途（尚不合法）时，运行显示为“已跳过”，备注写明原因。

{what}：{item}　负责人：{owner}
"""
HORIZON = 10

settings = Settings()


def build(code: str) -> DAG:
    campaign = load_campaign(settings.campaign_dirs, code)
    what, first = FORM_WORDS[campaign.form].item, defaults.deployed_on()
    days = [day for day in event_dates(campaign, range(first.year, first.year + HORIZON)) if day >= first.date()]
    with DAG(
        f"campaign__{code}",
        dag_display_name=f"关爱活动 · {campaign.name}",
        description=f"{campaign.name}：拟定、锁定名单，生成表格",
        doc_md=DOC.format(
            name=campaign.name, lead=campaign.lead_days, owner=campaign.owner, item=campaign.item, what=what
        ),
        schedule=EventsTimetable(
            [defaults.at_eight(day) for day in days], description=f"活动日前 {campaign.lead_days} 天"
        ),
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

        @task(task_display_name="拟定名单", pool=MATCHING)
        def draw(when, params=None, dag_run=None):
            return people.draw(code, when, params, dag_run)

        @task.sensor(task_display_name="等待审批", mode="reschedule", poke_interval=LOOK.seconds, timeout=30 * 86400)
        def approved(when, params=None, dag_run=None):
            return PokeReturnValue(is_done=people.approved(code, when, params, dag_run))

        @task(task_display_name="锁定", pool=MATCHING)
        def lock(when, params=None, dag_run=None):
            return people.lock(code, when, params, dag_run)

        when = due()
        fresh(when) >> draw(when) >> approved(when) >> lock(when)
    return dag


globals().update(dags_of(campaign_files(settings.campaign_dirs), "campaign", build))
