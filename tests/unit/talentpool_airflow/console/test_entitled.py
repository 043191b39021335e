"""Why an act on a list was not done reads in Chinese, with the status that says so; names and roles are words."""

from __future__ import annotations

import pytest

from talentpool.errors import ConflictError, RefusedError, TalentpoolError, UsageError, WaitingError
from talentpool_airflow.console.entitled import CHANGED, REFUSED, name_word, role_word, said


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ConflictError("名单在您查看之后重新拟定过"), 409, CHANGED),
        (RefusedError("same_person", "wang drafted list 7"), 403, REFUSED["same_person"]),
        (RefusedError("never_heard_of", "x"), 403, REFUSED["role"]),
        (
            WaitingError("list 7 needs 2 more approval(s)"),
            409,
            "没有锁定：还有审批或疑似同一人的判定没有完成。以下是现在的情况。",
        ),
        (
            UsageError("名单 7 中由您审批的部分已经审批过，无需再批"),
            422,
            "没有执行：名单 7 中由您审批的部分已经审批过，无需再批",
        ),
        (UsageError("已审批的区县不能移出"), 422, "没有执行：已审批的区县不能移出"),
        (
            UsageError(
                "名单 7 拟定之后活动声明改过，没有锁定；请重新拟定（talentpool target x --as-of 2026-10-31），再审批"
            ),
            422,
            "没有执行：名单 7 拟定之后活动声明改过，没有锁定；请重新拟定，再审批",
        ),
        (UsageError("请写明理由（--reason）"), 422, "没有执行：请写明理由"),
        (
            UsageError(
                "春节慰问尚不合法：没有告知书包含用途“spring_festival”；请先登记版本（talentpool reference set notice）"
            ),
            422,
            "没有执行：春节慰问尚不合法：没有告知书包含这一用途；请先登记版本",
        ),
        (
            UsageError("暖冬行动（2026）的名单已锁定，不能取消；名单有误的，由两人作废（talentpool void list）"),
            422,
            "没有执行：暖冬行动（2026）的名单已锁定，不能取消；名单有误的，由两人作废",
        ),
    ],
)
def test_every_error_is_said_in_chinese_with_its_status(error: TalentpoolError, status: int, words: str) -> None:
    assert said(error) == (status, words)


def test_roles_and_who_drew_read_as_words() -> None:
    assert role_word("county_officer_140403") == "潞州区专员"
    assert role_word("deputy of county_officer_140403") == "潞州区专员（代理）"
    assert (role_word("city_approver"), role_word("deputy of city_approver")) == ("市级审批", "市级审批（代理）")
    assert (name_word("talentpool target"), name_word("login:root"), name_word("wang")) == (
        "系统（按计划）",
        "root",
        "wang",
    )
