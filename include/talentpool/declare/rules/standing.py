"""Rules about how a person stands: at work, willing, known well enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import sqlalchemy as sa

from talentpool.declare.base import YesNo
from talentpool.declare.rules.known import Fact, Known
from talentpool.declare.rules.registry import LAWFUL, Why, rule


@rule(
    YesNo,
    default=True,
    reasons={
        "not_active": Why("已离职或不在岗", "重新在册"),
        "consent_ended": Why("授权已中止，核实前不列入", "核实授权", LAWFUL),
        "use_stopped": Why("本人已申请撤回授权，停止使用", "本人撤销申请", LAWFUL),
    },
    says=lambda on: "在岗" if on else "",
)
def active(known: Known, wanted: bool) -> Mapping[str, Fact]:
    """On the roster of at least one partner on the as-of date, with consent that counts. Consent no campaign waives."""
    found = {"use_stopped": known.stopped, "consent_ended": sa.and_(known.suspended, sa.not_(known.active))}
    return {**found, "not_active": sa.not_(known.active)} if wanted else found


@rule(
    Literal[True],
    default=True,
    reasons={"opted_out": Why("本人表示不参加此项活动", "本人改变意愿", LAWFUL)},
    says=lambda _: "",
)
def opted_out(known: Known, _: bool) -> Mapping[str, Fact]:
    """Who said that they do not want to be used for this purpose is not; no campaign waives it."""
    return {"opted_out": known.opted_out}


@rule(
    YesNo,
    default=False,
    reasons={
        "weak_identity": Why("缺少可用的证件号码、手机和出生日期，补全前只计数不列入", "补全证件号码、手机或出生日期")
    },
    says=lambda allowed: "" if allowed else "身份信息足以确认是同一人",
)
def weak_identity(known: Known, allowed: bool) -> Mapping[str, Fact]:
    """People without any usable evidence are counted, not listed, unless the campaign allows it."""
    return {} if allowed else {"weak_identity": known.weak_identity}
