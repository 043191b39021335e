"""Build one DAG per partner, `decision__<code>`: it asks a person to decide on a held delivery."""

from airflow.sdk import DAG, Param, task

from talentpool.acquire import load_partner
from talentpool.declare import partner_files
from talentpool.settings import Settings
from talentpool_airflow import assets, decisions, defaults, given
from talentpool_airflow.declared import dags_of

DOC = """
### 搁置决定 · {name}

名册被搁置时自动开始一次运行，在“浏览 > 待响应的任务实例”中向**市级数据专员**提问；等待期间不占用任何工作进程，也不影响后续名册。

* **全部入库**：照单全收，包括减员。
* **只入新增与变更**：新增与变更入库，不据这份名册减员。
* **整份拒收**：人才库不变。

回答送达时即由服务器核对回答人的角色，并把决定人、时间、理由写入本系统的决定记录；把任务标记为成功不等于决定，不会执行任何操作。
从命令行决定的，此处的提问随后自动关闭；同期或更晚的合格名册入库后，被搁置的名册自动作废，回答不再起作用。
命令行：`talentpool delivery list --state held`、`talentpool delivery decide`。
"""

settings = Settings()


def build(code: str) -> DAG:
    partner = load_partner(settings.partner_dirs, code)
    asset = assets.roster(code)
    with DAG(
        f"decision__{code}",
        dag_display_name=f"搁置决定 · {partner.name}",
        description=f"{partner.name}名册被搁置时，由人决定",
        doc_md=DOC.format(name=partner.name),
        schedule=None,
        catchup=False,
        max_active_runs=16,
        default_args=defaults.default_args(partner.owner),
        params={"delivery_id": Param(None, type=["null", "integer"], minimum=1, maximum=given.MOST, title="交付编号")},
        tags=["名册", "决定", partner.name],
    ) as dag:
        decide = decisions.ask_officers(code, partner.name)

        @task(task_display_name="执行决定", outlets=[asset])
        def carry_out(dag_run=None, outlet_events=None):
            done = decisions.carry_out(code, dag_run)
            assets.announce(outlet_events, asset, done["as_of"], delivery_id=done["delivery_id"], rows=done["rows"])
            return done

        decide >> carry_out()
    return dag


globals().update(dags_of(partner_files(settings.partner_dirs), "decision", build))
