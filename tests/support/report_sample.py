"""Figures of a plausible month of 长治市, as the quality page gets them; shared by page and browser tests."""

from __future__ import annotations

from datetime import date, datetime

from talentpool.match import load_weights
from talentpool.office_day import OFFICE_TIME
from talentpool.report.calibration import Band, Calibration
from talentpool.report.figures import (
    Breakdown,
    Bridge,
    Count,
    DeliveryFigures,
    ListFigures,
    PoolFigures,
    Quality,
    ReasonCount,
    RosterFigures,
)
from talentpool.report.identity import Concerns, Day, Identity, Scores, weights_of
from talentpool.texts.reasons import reasons as reason_table

COUNTIES = (
    ("140403", "潞州区", 1512, 690), ("140404", "上党区", 488, 214), ("140405", "屯留区", 402, 171),
    ("140406", "潞城区", 377, 160), ("140423", "襄垣县", 431, 188), ("140425", "平顺县", 96, 41),
    ("140426", "黎城县", 118, 52), ("140427", "壶关县", 203, 88), ("140428", "长子县", 265, 117),
    ("140429", "武乡县", 143, 63), ("140430", "沁县", 88, 9), ("140431", "沁源县", 7, 3),
)  # fmt: skip


def _reasons(counted: dict[str, int]) -> tuple[ReasonCount, ...]:
    known = reason_table()
    return tuple(
        ReasonCount(code, known[code].text_zh, known[code].fix_zh, n, known[code].level == "delivery")
        for code, n in counted.items()
    )


def _delivery(
    number: int, partner: str, name: str, as_of: date, state: str = "published", **facts: object
) -> DeliveryFigures:
    known: dict[str, object] = {
        "kind": "full", "effect": "live" if state == "published" else "none", "rows": 3391, "accepted": 3324,
        "quarantined": 41, "refused": 26, "settled": False, "message": "",
        "reasons": _reasons({"id_bad_checksum": 36, "no_consent": 26, "mobile_unusable": 17, "staff_no_doubled": 12,
                             "county_unknown": 9, "birth_date_impossible": 8}),
        "notes": _reasons({"id_masked": 331, "weak_identity": 28, "occupation_unknown": 6}),
    }  # fmt: skip
    return DeliveryFigures(
        delivery_id=number, partner=partner, partner_name=name, as_of=as_of, state=state, **{**known, **facts}
    )  # type: ignore[arg-type]


def sample() -> Quality:
    """Two partners, two months, one held delivery, a locked list and a draft."""
    october, september, november = date(2026, 10, 31), date(2026, 9, 30), date(2026, 11, 30)
    home = Breakdown(tuple(Count(code, name, n, youth) for code, name, n, youth in COUNTIES), 4130)
    seen = Breakdown(tuple(Count(code, name, n + n // 25, youth) for code, name, n, youth in COUNTIES), 4130)
    pool = PoolFigures(
        as_of=october,
        version=2,
        people=4130,
        youth=1796,
        weak=31,
        left=212,
        review_pending=17,
        youth_rule="14 至 35 周岁（含）",
        by_county=seen,
        by_home=home,
        by_partner=Breakdown((Count("postal", "邮政快递", 3240, 1435), Count("didi", "网约车", 1177, 452)), 4130),
        by_band=Breakdown(
            (
                Count("18-25", "18-25", 401, 401),
                Count("26-35", "26-35", 1395, 1395),
                Count("36-45", "36-45", 1288, 0),
                Count("46-59", "46-59", 870, 0),
                Count("60+", "60+", 33, 0),
                Count("unknown", "未知", 143, 0),
            ),
            4130,
        ),
        by_occupation=Breakdown(
            (
                Count("courier", "快递员", 3101, 1380),
                Count("ride_hailing", "网约车司机", 1017, 410),
                Count("x", "其他", 12, 6),
            ),
            4130,
        ),
        bridges=(
            Bridge("邮政快递", october, 3391, 41, 26, 3324, 3301, 3240),
            Bridge("网约车", october, 214, 9, 4, 201, 1189, 1177),
        ),
    )
    deliveries = (
            _delivery(5, "postal", "邮政快递", november, "held", rows=1902, accepted=1870, quarantined=20, refused=12,
                      reasons=_reasons({"removals_high": 1430, "id_bad_checksum": 11}),
                      message="held: removals 42 % of the partner's active records"),
            _delivery(4, "didi", "网约车", october, kind="delta", rows=214, accepted=201, quarantined=9, refused=4),
            _delivery(3, "postal", "邮政快递", october),
            _delivery(2, "postal", "邮政快递", october, "rejected", rows=0, accepted=0, quarantined=0, refused=0,
                      reasons=_reasons({"row_count_mismatch": 1}), notes=(), settled=True,
                      message="roster_postal_20261031_01.csv: 3,391 rows said, 3,012 found"),
            _delivery(1, "didi", "网约车", september, effect="history", reasons=(), notes=()),
    )  # fmt: skip
    lacking = _reasons({"id_bad_checksum": 36, "mobile_unusable": 17})
    rosters = (
        RosterFigures("didi", "网约车", 1189, 22, 4, (), _reasons({"county_unknown": 13, "staff_no_doubled": 9, "no_consent": 4}),
                      (deliveries[1], deliveries[4])),
        RosterFigures("postal", "邮政快递", 3301, 41, 26, lacking,
                      _reasons({"no_consent": 26, "staff_no_doubled": 24, "county_unknown": 9}), (deliveries[2],)),
    )  # fmt: skip
    return Quality(
        area_name="长治市",
        as_of=None,
        deliveries=deliveries,
        rosters=rosters,
        silent=("顺丰速运", "美团外卖"),
        pool=pool,
        lists=(
            ListFigures(7, "暖冬行动", "2026", october, "locked", 1702, 1702,
                        (ReasonCount("age_outside", "年龄不在本次活动范围内", "", 2191),
                         ReasonCount("age_unknown", "出生日期未知，无法核对年龄", "", 143),
                         ReasonCount("not_active", "已离职或不在岗", "", 212)),
                        tuple((name, youth) for _, name, _, youth in COUNTIES), "3f9ac01b77de" + "0" * 52),
        ),
        identity=who_is_who(),
    )  # fmt: skip


def who_is_who() -> Identity:
    """Everything that the section can tell of: all three bands, judgements of a week, every kind of concern."""
    weights = load_weights()
    spread = ((-2, 0, 4), (-1, 0, 5), (0, 0, 4), (1, 0, 6), (2, 0, 1), (3, 0, 2), (4, 92, 0), (6, 46, 0), (12, 8, 1),
              (17, 45, 0), (22, 114, 2), (29, 20, 0), (35, 64, 0), (41, 319, 0))  # fmt: skip
    months = [Day(date(2026, month, 28), 1, month == 1, 4000 if month == 1 else 121, 873 if month == 1 else 38, month % 3,
                  month % 2, 0, 20 + 3 * month) for month in range(1, 11)]  # fmt: skip
    work = [Day(date(2026, 11, 2 + at), 5, False, 0, 9, 2, 1, 5, 45 - 5 * at) for at in range(5)]
    return Identity(
        run=14,
        matched_at=datetime(2026, 11, 6, 15, 10, tzinfo=OFFICE_TIME),
        records=4790,
        people=4076,
        sizes=((1, 3418), (2, 603), (3, 54), (4, 1)),
        largest=5,
        waiting=25,
        judged=25,
        scores=Scores(spread, weights.bands.model_copy(update={"same": 4.25})),
        weights=weights_of(weights),
        weights_version=weights.version,
        days=(*reversed(work), *reversed(months)),
        concerns=Concerns(
            3,
            (("邮政快递", 31), ("网约车", 9)),
            (("手机号码", 1), ("出生日期与证件末四位", 2)),
            12,
            91,
            1,
            date(2026, 1, 28),
        ),
        calibration=Calibration(
            (
                Band(0.2, 0.24, 21, 6),
                Band(0.3, 0.36, 12, 4),
                Band(0.4, 0.45, 3, 1),
                Band(0.5, 0.55, 18, 11),
                Band(0.6, 0.66, 9, 6),
                Band(0.7, 0.74, 26, 21),
                Band(0.8, 0.86, 31, 28),
                Band(0.9, 0.97, 64, 52),
            ),
            9,
        ),
    )


def empty() -> Quality:
    """A deployment before its first delivery."""
    return Quality("长治市", None, (), ("邮政快递", "网约车"), None, ())
