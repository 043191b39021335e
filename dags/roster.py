"""Build one DAG per partner, `roster__<code>`: it takes a due roster through the stages in order."""

from airflow.sdk import DAG, CronTriggerTimetable, task

from talentpool.acquire import load_partner
from talentpool.declare import partner_files
from talentpool.settings import Settings
from talentpool_airflow import assets, defaults, rosters, starting
from talentpool_airflow.declared import check_cron, dags_of

DOC = """
### 名册接入 · {name}

按期从 **{name}** 接收名册：接收原始文件（核对清单与校验值，加密存放）→ 清洗与加密（大文件分几份同时做）→ 质量校验 → 整份入库。

* 一次运行处理一份名册；还有等待的名册时自动再运行一次；没有新名册时整次运行显示为“已跳过”。
* 质量校验不通过：被**搁置**或**拒收**的名册使本次运行显示为失败，人才库不受影响，后续名册照常处理。
* 名册搁置时另起一次“搁置决定”运行，由市级数据专员在“浏览 > 待响应的任务实例”中选择：全部入库、只入新增与变更、整份拒收。
* 手动运行可填写“数据日期”，只接收该日期的名册；早于最新已入库日期的名册只写历史，不改动现状。
* 回填（Backfill）某一到期日，接收数据日期为其前一日的名册。

负责人：{owner}　连接：`{connection}`（管理 > 连接）
"""
settings = Settings()


def build(code: str) -> DAG:
    partner = load_partner(settings.partner_dirs, code)
    asset = assets.roster(code)
    with DAG(
        f"roster__{code}",
        dag_display_name=f"名册接入 · {partner.name}",
        description=f"{partner.name}名册：接收、清洗、校验、入库",
        doc_md=DOC.format(name=partner.name, owner=partner.owner, connection=partner.transport.connection),
        schedule=CronTriggerTimetable(check_cron(code, partner.cadence.cron), timezone=defaults.TIMEZONE),
        start_date=defaults.BEFORE_ALL,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=defaults.RUN_LIMIT,
        default_args=defaults.default_args(partner.owner),
        params=defaults.as_of_param("只接收该数据日期的名册；留空接收最早等待的一份"),
        tags=["名册", partner.name],
    ) as dag:

        @task(task_display_name="接收", **defaults.WITH_A_PARTNER)
        def acquire(params=None, dag_run=None):
            return rosters.acquire(code, rosters.wanted_as_of(params, dag_run))

        @task(task_display_name="清洗加密")
        def conform(share):
            return rosters.conform(code, share)

        @task(task_display_name="质量校验")
        def expect(staged):
            return rosters.expect(code, staged)

        @task(task_display_name="入库", outlets=[asset])
        def publish(audited, outlet_events=None):
            done = rosters.publish(code, audited)
            assets.announce(outlet_events, asset, done["as_of"], delivery_id=done["delivery_id"], rows=done["rows"])
            return done

        @task(task_display_name="还有等待的名册？")
        def more(shares, dag_run=None):
            return rosters.next_run(code, dag_run, shares)

        @task(task_display_name="是否搁置？", trigger_rule="all_done", multiple_outputs=True)
        def held(shares):
            return rosters.held(code, shares)

        shares = acquire()
        audited = expect(conform.expand(share=shares))
        publish(audited)
        audited >> (asked := held(shares))
        starting.start(dag.dag_id, "again", "再运行一次", run_id=more(shares))
        starting.start(f"decision__{code}", "ask", "搁置：请人决定", run_id=asked["run_id"], conf=asked["conf"])
    return dag


globals().update(dags_of(partner_files(settings.partner_dirs), "roster", build))
