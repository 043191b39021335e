"""What is no name is set aside, what hides a name is compared with nothing, and what only looks alike is one name."""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from rosters import Office, person
from talentpool.conform.characters.look_alikes import folded
from talentpool.conform.values.names import read_name, read_names
from talentpool.conform.values.no_names import ROLES, TITLES, fits, placeholders
from talentpool.demo.names import make_names
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.guard.personal import open_personal
from talentpool.match import links, match
from talentpool.settings import INCLUDE

CASES = Path(__file__).parents[2] / "cases"
OFFICE_WORDS = (
    "新员工 站长 小王 老李 赵某某 赵XX 李○○ 王经理 骑手12 临时工 外包 待补 未知 测试01 王师傅 欧阳女士 "
    "李姐 王哥 1号骑手 骑手甲 新骑手 代理站长 副队长 N/A nan NULL #N/A #REF! #NAME? #DIV/0! ###### "
    "=VLOOKUP(A2,B:C,2,0) ??? □□□ 小张(新) 李师傅（外包）"
)
MASKED = (
    "张*伟 张＊伟 张X伟 张x伟 张×伟 张某 张某伟 张某男 司马** 张○ 张〇伟 张** *建国 **国 张●伟 张**先生 张 欧阳X Li**"
)
LOST = ["张?伟", "张？伟", "张□伟", "张〓", "张■伟", "张▇", "张\ufffd伟", "张三(?)", "张锟斤拷"]
REAL = (
    "张三 李四 王小明 老舍 马云 司马光 欧阳娜娜 诸葛亮 王保安 丁保安 刘三姐 马会元 何总元 阿依古丽·艾力 "
    "库尔班江·艾合买提 XAVIER Alexander 张wei 王锟 叶小老 石工 张伟2 张三(离职) (外包)张三 小野丽 老铁柱 "
    "师先 经纬 班长安 安静 陆军官 师傅明 师傅志强 傅师 师父亲"
)


def deliver(office: Office, case: str, name: str, partner: str) -> Outcome:
    return ingest(office, office.partner(partner), file=CASES / case / name,
                  as_of=date(2026, 10, 31), kind="full", count=count_flags)  # fmt: skip


def partners_of_persons(office: Office) -> dict[str, set[str]]:
    """Person id -> the partners whose records it holds."""
    match(office.engine, office.keys)
    held: dict[str, set[str]] = {}
    for partner, _, person_id in links(office.engine):
        held.setdefault(str(person_id), set()).add(partner)
    assert held
    return held


JOBS = (
    "收派员 邮递员 投递员 揽投员 揽收员 派件员 送餐员 配送员 快递员 骑手 司机 网约车司机 货车司机 代驾 跑腿 站点负责人 "
    "太行站骑手 骑手1 骑手A 骑手-1 骑手_1 骑手#1 骑手，1 骑手甲 司机B 收派员2 投递员01 网约车司机3 "
    "骑手① 骑手Ⅰ 骑手No.1 骑手№1 骑手某 骑手** 骑手待定 新入职骑手 美团骑手 滴滴司机 rider1 Driver2"
)
BLANKS = "-- ·· ﹡ х хх 囗囗 ✘ ❌ [objectObject] {null} 未定义 undefined None NaN nil 〈无〉 \\N 暂缺 待分配 顺丰"
VEILED = "霍(*)远 霍（×）远 王[x]小明 霍﹡远 霍х远 张хх 霍✘远 霍❌远 霍-远 霍--"


@pytest.mark.parametrize(
    "cell", [*OFFICE_WORDS.split(), *JOBS.split(), *BLANKS.split(), "[object Object]", "骑手 1", "· ·"]
)
def test_a_word_that_speaks_of_nobody_is_a_placeholder(cell: str) -> None:
    assert read_name(cell).status == "placeholder"


@pytest.mark.parametrize("cell", [*MASKED.split(), *VEILED.split()])
def test_a_mask_is_kept_and_compared_with_nothing(cell: str) -> None:
    read = read_name(cell)
    assert (read.status, read.form) == ("masked", "")
    assert read.name


@pytest.mark.parametrize("cell", LOST)
def test_a_lost_character_is_kept_and_compared_with_nothing(cell: str) -> None:
    read = read_name(cell)
    assert (read.status, read.form) == ("lost_char", "")
    assert read.name


STAY = (
    "司马光 司徒明 骑士明 骑红 司伟 代建军 代小明 收红 邮明 揽月 网红 员晓明 站红梅 车小明 囡囡 王口 申通 "
    "京东升 美团圆 邮政明 顺丰年 法人杰 Михаил Xavier"
)


@pytest.mark.parametrize("cell", [*REAL.split(), *STAY.split(), "John Smith", "MAX XAVIER"])
def test_a_real_name_is_a_name_however_rare(cell: str) -> None:
    read = read_name(cell)
    assert (read.status, read.name, read.notes) == ("ok", cell, "")
    assert read.form


@pytest.mark.parametrize(
    ("cell", "name"),
    [("王强师傅", "王强"), ("李秀英女士", "李秀英"), ("张伟先生", "张伟"), ("张建国哥", "张建国"),
     ("欧阳明月姐", "欧阳明月"), ("张建国站长", "张建国"), ("阿依古丽·艾力女士", "阿依古丽·艾力"),
     ("王强师傅(外包)", "王强(外包)"), ("王强（师傅）", "王强"), ("王强（师傅）（外包）", "王强(外包)"), ("王強師傅", "王強"),
     ("王强 师 傅", "王强"), ("王强师父", "王强"), ("王强师付", "王强"), ("王强·师傅", "王强"), ("王强-师傅", "王强"),
     ("王强师傅。", "王强"), ("王强先生/师傅", "王强"), ("师傅王强", "王强"), ("王强小师傅", "王强"), ("李小师傅", "李小"),
     ("王芳姐姐", "王芳"),
     ("張建國總", "張建國")],
)  # fmt: skip
def test_a_title_comes_off_a_whole_name_and_is_noted(cell: str, name: str) -> None:
    read = read_name(cell)
    assert (read.status, read.name, read.notes) == ("ok", name, "name_title_removed")


@pytest.mark.parametrize("cell", ["吴凤姐", "张伟哥", "欧阳凤姐", "欧阳明哥", "王芳姐", "何满姨"])
def test_what_may_be_a_given_name_or_a_title_stays_and_is_noted(cell: str) -> None:
    read = read_name(cell)
    assert (read.status, read.name, read.form, read.notes) == ("ok", cell, cell, "name_title_doubtful")


@pytest.mark.parametrize("cell", ["王（师傅）", "李大师傅", "王師傅", "陈师付", "张哥哥"])
def test_a_surname_with_a_title_names_nobody_however_it_is_written(cell: str) -> None:
    assert read_name(cell).status == "placeholder"


def test_a_stored_name_is_read_again_as_what_it_is() -> None:
    """Matching reads what was stored, so a second reading must give the first one's form."""
    cells = [*MASKED.split(), *LOST, *REAL.split(), "王强师傅", "张伟哥", "张建国站长", "⻢晓宇", "髙伟"]
    for first in map(read_name, cells):
        again = read_name(first.name)
        assert (again.status, again.name, again.form) == (first.status, first.name, first.form)


def test_a_column_of_words_titles_and_names_is_read_as_its_cells_are() -> None:
    """The tables of the fast path know every word, wherever it stands in a name of plain characters."""
    words = [*TITLES, *ROLES, *sorted(placeholders()), "哥", "姐", "总", "某"]
    around = [
        (before, after) for before in ("", "王", "欧阳", "王强", "新", "小", "丁") for after in ("", "一", "甲", "王")
    ]
    cells = [f"{before}{word}{after}" for word in words for before, after in around]
    column, each = read_names(pa.array(cells)), [read_name(cell) for cell in cells]
    for name in ("status", "name", "form", "notes"):
        assert getattr(column, name).to_pylist() == [getattr(read, name) for read in each]


def test_no_ordinary_name_is_taken_for_anything_else() -> None:
    names = make_names(random.Random(11), [1, 2] * 20_000)
    column = read_names(pa.array(names))
    assert set(column.status.to_pylist()) == {"ok"}
    assert column.name.to_pylist() == names
    assert set(column.notes.to_pylist()) == {""}


def test_masked_names_of_two_partners_do_not_unite_strangers(office: Office) -> None:
    for partner in ("didi", "meituan"):
        outcome = deliver(office, "masked-names-unite-strangers", f"masked_{partner}.csv", partner)
        assert (outcome.status, outcome.rows, outcome.accepted) == ("published", 24, 24)
        assert outcome.notes == {"name_masked": 4}
    assert (
        office.one("select count(*) from source_record where name_status = 'masked' and name_county_index is null") == 8
    )
    held = partners_of_persons(office)
    assert len(held) == 48
    assert all(len(partners) == 1 for partners in held.values())


def test_placeholders_of_two_partners_unite_nobody_and_are_set_aside(office: Office) -> None:
    for partner in ("didi", "meituan"):
        outcome = deliver(office, "placeholders-unite-strangers", f"placeholder_{partner}.csv", partner)
        assert (outcome.rows, outcome.accepted, outcome.reasons) == (30, 20, {"name_placeholder": 10})
    assert all(len(partners) == 1 for partners in partners_of_persons(office).values())


def test_names_of_radicals_and_variants_are_one_name(office: Office) -> None:
    for partner in ("didi", "meituan"):
        outcome = deliver(office, "kangxi-and-radical-forms", f"radicals_{partner}.csv", partner)
        assert (outcome.status, outcome.accepted) == ("published", 24)
    assert outcome.notes == {"name_rare_char": 3}
    assert sum(len(partners) == 2 for partners in partners_of_persons(office).values()) == 4


@pytest.mark.parametrize(
    ("cell", "form"),
    [("建囯", "建国"), ("衛囶", "卫国"), ("兪", "俞"), ("喆邨堃", "喆邨堃"),
     ("⻢⻰", "马龙"), ("⽅⽴平", "方立平"), ("⻓孙明", "长孙明"), ("\uf9d1", "六"), ("王\U0002f800", "王丽"), ("𠮷", "吉"),
     ("髙﨑", "高崎"),
     ("劉偉", "刘伟"), ("⾺晓", "马晓")],
)  # fmt: skip
def test_what_looks_alike_has_one_form(cell: str, form: str) -> None:
    assert folded(cell) == form


def test_the_table_of_look_alikes_leads_to_forms_that_stand_for_themselves() -> None:
    with (INCLUDE / "reference" / "look_alike_characters.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 200
    assert len({row["character"] for row in rows}) == len(rows)
    for row in rows:
        assert folded(row["character"]) == folded(folded(row["character"])) != row["character"]


@pytest.mark.parametrize(
    ("hidden", "whole", "expected"),
    [("霍(*)远", "霍思远", True), ("霍-远", "霍思远", True), ("霍-远", "王思远", False), ("霍х远", "霍思远", True),
     ("张*伟", "张建伟", True), ("张**", "张伟", True), ("*建国", "张建国", True), ("张某", "张伟", True),
     ("张某男", "张伟", True),
     ("張*", "张伟", True), ("张?伟", "张建伟", True), ("张X伟", "张建伟", True), ("张", "张伟", True),
     ("王*伟", "张建伟", False),
     ("张*军", "张建伟", False), ("*建军", "张建国", False)],
)  # fmt: skip
def test_what_a_mask_shows_fits_a_whole_name_or_not(hidden: str, whole: str, expected: bool) -> None:
    assert fits(hidden, whole) is expected


@pytest.mark.parametrize("kind", ["full", "delta"])
@pytest.mark.parametrize("cell", ["韩*", "韩某", "韩□□", "*军民", "韩\ue000民"])
def test_a_hidden_name_never_replaces_a_whole_one(office: Office, cell: str, kind: str) -> None:
    office.deliver("2026-09-30", [person(1, name="韩军民"), person(2)])
    before = office.one("select name_county_index from source_record where staff_no = 'T00001'")
    since = {"kind": kind, "since": "2026-09-30"} if kind == "delta" else {}
    outcome = office.deliver("2026-10-31", [person(1, name=cell, station="新站"), person(2)], **since)
    assert (outcome.status, outcome.accepted, outcome.reasons) == ("published", 2, {})
    assert outcome.notes.pop("station_new") == sum(outcome.notes.values()) == 1
    (row,) = office.ask(
        "select record_id, name_status, name_county_index, station from source_record where staff_no = 'T00001'"
    )
    assert row[1:] == ("ok", before, "新站")
    with office.engine.connect() as conn:
        assert open_personal(conn, office.keys, [row[0]])[row[0]].name == "韩军民"


def test_a_whole_name_replaces_a_hidden_one(office: Office) -> None:
    office.deliver("2026-09-30", [person(1, name="韩*"), person(2)])
    assert office.one("select name_status from source_record where staff_no = 'T00001'") == "masked"
    office.deliver("2026-10-31", [person(1, name="韩军民"), person(2)])
    assert office.ask("select name_status, name_county_index is null from source_record where staff_no = 'T00001'") == [
        ("ok", False)
    ]


def test_a_mask_that_does_not_fit_beside_other_values_is_somebody_else(office: Office) -> None:
    """Nothing agrees: the number was handed on, and the old person does not get the new one's mobile."""
    office.deliver(
        "2026-09-30", [person(n, name="韩军民" if n == 1 else f"韩军{chr(0x5B50 + n)}") for n in range(1, 200)]
    )
    rows = [person(n, name=f"韩军{chr(0x5B50 + n)}") for n in range(2, 200)]
    outcome = office.deliver("2026-10-31", [person(1, name="王*", mobile="13711112222", document_no=""), *rows])
    assert outcome.reasons == {"staff_no_reused": 1}


def test_a_shared_mobile_alone_does_not_unite_hidden_names(office: Office) -> None:
    office.deliver("2026-10-31", [person(1, name="韩军民", document_no="", mobile="13711112222")], partner="postal")
    office.deliver(
        "2026-10-31", [person(2, name="王**", document_no="", mobile="13711112222", sex="男")], partner="didi"
    )
    assert len(partners_of_persons(office)) == 2
