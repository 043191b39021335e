"""Make synthetic names by real frequencies, with the faults that rosters put into names."""

from __future__ import annotations

import csv
import random
from functools import cache

from talentpool.conform.characters.look_alikes import simplify
from talentpool.settings import INCLUDE

MINORITY = (
    (
        "阿依古丽 买买提 热依汗 古丽娜 木沙 艾尔肯 帕提古丽 库尔班",
        "艾力 吐尔逊 阿布都 艾山 玉素甫 买合木提 热合曼 依明",
    ),
    ("扎西 卓玛 次仁 格桑 达瓦 白玛 丹增 旦增", "多吉 央金 顿珠 拉姆 平措 曲珍 罗布 旺堆"),
    ("巴特尔 乌云 其其格 那日苏 阿拉坦 斯琴 朝鲁 萨仁", "苏和 高娃 格日勒 图雅 毕力格 塔娜 巴雅尔 娜仁"),
)
"""Both parts of names that are written with a middle dot."""
RARE = "㛃䶮𠮷𬶋𫍽𫖯"
HOMOPHONES = dict(
    pair
    for a, b in (
        "伟玮", "杰洁", "俊军", "静婧", "丽莉", "芳方", "明铭", "华桦", "燕艳", "辉晖", "鹏朋", "涛韬", "亮靓",
        "强锵", "志智", "佳嘉", "玲铃", "娜纳", "敏闵", "霞侠", "峰锋", "博搏", "宇雨", "浩昊", "林琳", "英瑛", "萍苹", "红虹",
    )
    for pair in ((a, b), (b, a))
)  # fmt: skip
SECOND = ("一", "小", "文", "建", "晓", "志", "海", "玉", "国", "春")


@cache
def _tables() -> tuple[list[str], list[float], dict[int, tuple[list[str], list[float]]]]:
    with (INCLUDE / "reference" / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        surnames = [(r["surname"], float(r["share"])) for r in csv.DictReader(lines)]
    given: dict[int, list[tuple[str, float]]] = {1: [], 2: []}
    with (INCLUDE / "reference" / "given_characters.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            given[int(row["sex"])].append((row["character"], float(row["share"])))
    return (
        [s for s, _ in surnames],
        [w for _, w in surnames],
        {sex: ([c for c, _ in rows], [w for _, w in rows]) for sex, rows in given.items()},
    )


def make_names(rng: random.Random, sexes: list[int]) -> list[str]:
    """One name for each sex (1 or 2)."""
    surnames, shares, given = _tables()
    picked = rng.choices(surnames, shares, k=len(sexes))
    names = []
    for surname, sex in zip(picked, sexes, strict=True):
        draw = rng.random()
        if draw < 0.003:
            names.append("·".join(rng.choice(part.split()) for part in rng.choice(MINORITY)))
            continue
        characters, weights = given[sex]
        first, second = rng.choices(characters, weights, k=2)
        name = surname + (first if rng.random() < 0.14 else first + second)
        names.append(name[:-1] + rng.choice(RARE) if draw < 0.006 else name)
    return names


@cache
def _traditional() -> dict[str, str]:
    """Simplified -> one traditional form, for characters of names."""
    return {simple: chr(code) for code, simple in sorted(simplify().items(), reverse=True) if code < 0xA000}


def spoil_name(rng: random.Random, name: str) -> str:
    """A variant as seen in rosters: traditional, homophone, lost or wrong character, space, full width, 师傅."""
    kind = rng.choice(("traditional", "homophone", "lost", "wrong", "space", "wide", "title"))
    last = len(name) - 1
    if kind == "traditional":
        spoiled = "".join(_traditional().get(ch, ch) for ch in name)
        return spoiled if spoiled != name else name + "师傅"
    if kind == "homophone" and any(ch in HOMOPHONES for ch in name[1:]):
        return name[0] + "".join(HOMOPHONES.get(ch, ch) for ch in name[1:])
    if kind == "lost" and last >= 2:
        return name[:1] + name[2:]
    if kind == "wrong" and last >= 1:
        return name[:last] + rng.choice([ch for ch in SECOND if ch != name[last]])
    if kind == "space":
        return f"{name[0]} {name[1:]}"
    if kind == "wide":
        return f"\u3000{name}\u3000"
    return name + "师傅"
