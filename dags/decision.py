"""One DAG per partner declaration: `decision__<code>`. A person decides on a delivery that was held."""

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Param, task

from talentpool.declare import load_partner, partner_files
from talentpool.settings import Settings
from talentpool_airflow import assets, decisions, defaults
from talentpool_airflow.declared import dags_of

DOC = """
### 搁置决定 · {name}

名册被搁置时自动开始一次运行，在“浏览 > 待响应的任务实例”中向**市级数据专员**提问；等待期间不占用任何工作进程，也不影响后续批次。

* **全部入库**：照单全收，包括减员。
* **只入新增与变更**：新增与变更入库，本批不据以减员。
* **整批拒收**：人才库不变。

决定人、时间、理由写入本系统的决定记录；同期或更晚的合格名册入库后，被搁置的批次自动作废，回答不再起作用。
命令行：`talentpool delivery list --state held`、`talentpool delivery decide`。
"""


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
        params={"delivery_id": Param(None, type=["null", "integer"], title="批次号")},
        tags=["名册", "决定", partner.name],
    ) as dag:

        @task(task_display_name="说明")
        def question(params=None):
            return decisions.question(code, params["delivery_id"])

        answer = HITLOperator(
            task_id="decide",
            task_display_name="请决定",
            subject=f"{partner.name}名册被搁置，批次 {{{{ params.delivery_id }}}}",
            body="{{ ti.xcom_pull(task_ids='question') }}",
            options=list(decisions.OPTIONS),
            params={"reason": Param("", type="string", maxLength=200, title="理由")},
            assigned_users=decisions.OFFICERS,
            response_timeout=decisions.PATIENCE,
            execution_timeout=None,
            notifiers=[decisions.Waiting()],
        )

        @task(task_display_name="执行决定", outlets=[asset])
        def carry_out(answer, params=None, outlet_events=None):
            done = decisions.carry_out(code, params["delivery_id"], answer)
            assets.announce(outlet_events, asset, done["as_of"], delivery_id=done["delivery_id"], rows=done["rows"])
            return done

        question() >> answer
        carry_out(answer.output)
    return dag


settings = Settings()
globals().update(dags_of(partner_files(settings.partner_dirs), "decision", build))
