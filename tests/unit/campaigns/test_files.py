"""The workbooks: what a county's officer reads, what a station head reads and must not, and that nothing executes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from releases import workbooks
from talentpool.campaigns import draw
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET, check_sign
from talentpool.declare import Campaign
from talentpool.guard import KeyRing
from talentpool.model import contact, edge, list_file, pool_person, record_person, record_salt
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
TO_FILL = ["签收", "结果", "数量", "领取日期", "备注"]
HEADER = ["序号", "行号", "姓名", "性别", "单位", "站点", "手机", "发放", *TO_FILL]


def _sheet(path: Path, name: str = "名单") -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def _text(path: Path) -> str:
    book = CalamineWorkbook.from_path(str(path))
    return "\n".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )


@pytest.fixture
def lists(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> dict[str, Path]:
    """Files of a locked list by recipient; two counties, two partners."""
    city.person("欧阳试一", mobile="13812345678")
    city.person("欧阳试二", mobile="13912345678", sex=2)
    city.person("司马试三", "didi", mobile="13712345678", station="", occupation="ride_hailing")
    city.person("司马试四", "didi", mobile="", station="东街站")
    city.person("诸葛试五", county="140430", station="沁州/站:*?", mobile="13512345678")
    city.person("诸葛试六", birth_date=None, pool_birth_date=date(1999, 5, 5), mobile="13412345678")
    city.person("诸葛试七", birth_date=date(1980, 1, 1))
    out = tmp_path / "lists"
    draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=out)
    with engine.connect() as conn:
        return {
            recipient: out / name
            for name, recipient in conn.execute(sa.select(list_file.c.name, list_file.c.recipient))
            if name.endswith(".xlsx")
        }


def test_each_county_and_each_station_of_each_partner_has_its_own_workbook(
    engine: sa.Engine, lists: dict[str, Path]
) -> None:
    assert {recipient: path.name for recipient, path in lists.items()} == {
        "county:140403": "warm_winter_2026_2026-10-31_140403_潞州区.xlsx",
        "station:postal:140403:东街站": "warm_winter_2026_2026-10-31_140403_潞州区_邮政快递_东街站.xlsx",
        "station:didi:140403:东街站": "warm_winter_2026_2026-10-31_140403_潞州区_网约车_东街站.xlsx",
        "county:140430": "warm_winter_2026_2026-10-31_140430_沁县.xlsx",
        "station:postal:140430:沁州/站:*?": "warm_winter_2026_2026-10-31_140430_沁县_邮政快递_沁州-站.xlsx",
    }
    folder = next(iter(lists.values())).parent
    stems = {path.stem for path in lists.values()}
    assert {path.name for path in folder.iterdir()} == {f"{stem}{kind}" for stem in stems for kind in (".xlsx", ".pdf")}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    with engine.connect() as conn:
        assert sum(conn.scalars(sa.select(list_file.c.rows))) == 2 * (5 + 2 + 1 + 1 + 1)


def test_a_county_officer_reads_names_masked_mobiles_and_has_room_to_sign(lists: dict[str, Path]) -> None:
    rows = _sheet(lists["county:140403"])
    assert rows[0][0] == "暖冬行动（2026 年）关爱名单 · 潞州区"
    assert "共 5 人（其中 1 人无手机）" in str(rows[1][0])
    assert rows[2] == HEADER
    shown = [[row[0], *row[2:]] for row in rows[3:]]
    assert shown == [
        [1, "司马试四", "男", "网约车", "东街站", "无手机", "站点", *[""] * 5],
        [2, "司马试三", "男", "网约车", "（未注明站点）", "*******5678", "区县", *[""] * 5],
        [3, "欧阳试二", "女", "邮政快递", "东街站", "*******5678", "站点", *[""] * 5],
        [4, "欧阳试一", "男", "邮政快递", "东街站", "*******5678", "站点", *[""] * 5],
        [5, "诸葛试六", "男", "邮政快递", "东街站", "*******5678", "区县", *[""] * 5],
    ]
    for row in rows[3:]:
        sign = str(row[1])
        assert len(sign) == 10 and sign[9] == check_sign(sign[:4] + sign[5:9])


def test_a_station_head_reads_nothing_that_another_source_told(lists: dict[str, Path]) -> None:
    """诸葛试六's age is known from elsewhere, so the place on the list would tell it: the county hands out."""
    path = lists["station:postal:140403:东街站"]
    rows = _sheet(path)
    assert rows[2] == ["序号", "行号", "姓名", "手机", *TO_FILL]
    assert [row[2:] for row in rows[3:]] == [
        ["欧阳试二", "*******5678", *[""] * 5], ["欧阳试一", "*******5678", *[""] * 5],
    ]  # fmt: skip
    everything = _text(path)
    for foreign in ("司马", "诸葛", "网约车", "didi", "周岁", "年龄", "从业类别"):
        assert foreign not in everything


def test_who_has_no_mobile_is_marked_on_the_sheet_of_the_station_too(lists: dict[str, Path]) -> None:
    assert [row[3] for row in _sheet(lists["station:didi:140403:东街站"])[3:]] == ["无手机"]
    assert "“无手机”是名册中没有可用的号码" in _text(lists["station:didi:140403:东街站"])


def test_no_whole_mobile_and_no_person_id_leaves(lists: dict[str, Path], city) -> None:
    for path in lists.values():
        everything = _text(path)
        assert "12345678" not in everything
        for person in city.people.values():
            assert str(person) not in everything and person.hex not in everything


def test_the_explanation_says_what_the_list_is_and_whom_to_turn_to(lists: dict[str, Path]) -> None:
    facts = {str(row[0]): str(row[1]) for row in _sheet(lists["county:140403"], "说明")}
    assert facts["活动"] == "暖冬行动（2026 年）"
    assert "暖冬慰问包" in facts["用途"]
    assert facts["名册日期"].startswith("2026 年 10 月 31 日")
    assert "35 周岁以下（含 35）" in facts["列入条件"]
    assert facts["本区县人数"].startswith("共 5 人")
    assert len(facts["名单校验值"]) == 64
    assert facts["更正与撤回"] == "共青团长治市潞州区委员会"
    assert "行号" in "".join(facts)


def test_the_sheet_prints_on_a4_with_its_header_on_every_page(lists: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(lists["county:140403"])
    tab = book["名单"]
    assert tab.freeze_panes == "A4"
    assert (tab.page_setup.paperSize, tab.page_setup.orientation) == (9, "landscape")
    assert (tab.page_setup.fitToWidth or 1, tab.page_setup.fitToHeight) == (1, 0)
    assert tab.print_title_rows == "$1:$3"
    assert openpyxl.load_workbook(lists["station:postal:140403:东街站"])["名单"].page_setup.orientation == "portrait"


def test_a_title_that_was_taken_in_before_the_rule_is_on_no_sheet(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    for name in ("欧阳试師傅", "吴凤姐", "阿依古丽·艾力", "Li Wei"):
        city.person(name)
    for file in workbooks(draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path).files):
        assert {row[2] for row in _sheet(Path(file))[3:]} == {"欧阳试", "吴凤姐", "阿依古丽·艾力", "Li Wei"}


def test_totals_stand_by_company_and_station_and_add_up(lists: dict[str, Path]) -> None:
    rows = _sheet(lists["county:140403"], "合计")[2:]
    assert rows[0] == ["单位", "站点", "发放", "人数", "其中无手机", "其中疑似同一人"]
    assert rows[1:] == [
        ["网约车", "东街站", "站点", 1, 1, 0], ["网约车", "（未注明站点）", "区县", 1, 0, 0],
        ["邮政快递", "东街站", "站点", 2, 0, 0], ["邮政快递", "东街站", "区县", 1, 0, 0], ["合计", "", "", 5, 1, 0],
    ]  # fmt: skip
    for place in (3, 4, 5):
        assert sum(row[place] for row in rows[1:-1]) == rows[-1][place]


def test_who_may_stand_twice_is_marked_with_the_other_row_and_on_no_sheet_that_does_not_show_it(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    """One name with one mobile, or one station and hire date; another name, day or company is somebody else."""
    day, other = date(2024, 3, 1), date(2024, 3, 2)
    ids = {
        key: city.person("欧阳试一", mobile=mobile, hired_on=hired, **more)
        for key, mobile, hired, more in (
            ("a", "13812345678", day, {}),
            ("same mobile", "13812345678", other, {}),
            ("same day", "13912345678", day, {}),
            ("elsewhere", "13612345678", day, {"station": "西街站"}),
            ("other company", "13812345678", None, {"partner": "didi"}),
        )
    }
    city.person("司马试二", mobile="13812345678", hired_on=day)
    told = city.person("诸葛试三", mobile="13512345678")
    _tell_apart(engine, told, city.person("诸葛试三", mobile="13512345678"))
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path)
    county = next(Path(file) for file in workbooks(drawn.files) if Path(file).stem.count("_") == 5)
    rows = {str(row[1]): row for row in _sheet(county)[3:]}
    with engine.connect() as conn:
        of = dict(iter(conn.execute(sa.text("select person_id, row_id from target_row"))))
    marked = {key: {other for other in ids if of[ids[other]] in str(rows[of[ids[key]]][-1])} for key in ids}
    assert marked == {
        "a": {"same mobile", "same day", "other company"}, "same mobile": {"a", "other company"}, "same day": {"a"},
        "elsewhere": set(), "other company": {"a", "same mobile"},
    }  # fmt: skip
    assert sum(bool(row[-1]) for row in rows.values()) == 4
    assert _sheet(county, "合计")[-1][3:] == [len(rows), 0, 4]
    station = next(Path(file) for file in workbooks(drawn.files) if Path(file).name.endswith("网约车_东街站.xlsx"))
    assert "疑似同一人：与" not in _text(station), "the other one is not on the sheet of this company"


def _tell_apart(engine: sa.Engine, one: UUID, other: UUID) -> None:
    """Owners as matching leaves them, and somebody's word that the two are two."""
    with engine.begin() as conn:
        conn.execute(sa.text("insert into record_person (record_id, partner, person_id)"
                             " select home_record, home_partner, person_id from pool_person"))  # fmt: skip
        owned = sa.select(record_person.c.record_id).where(record_person.c.person_id.in_([one, other]))
        left, right = sorted(conn.scalars(owned))
        word = {"rule": "human", "verdict": "different", "score": 0.0, "decided_by": "李专员", "note": "x"}
        conn.execute(edge.insert().values(left_record=left, right_record=right, **word))


def test_a_draft_says_so(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("欧阳试一")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path / "lists")
    for file in workbooks(drawn.files):
        assert str(_sheet(Path(file))[0][0]).startswith("【草稿】")


@pytest.mark.parametrize(
    "name", ["=1+1", '＝HYPERLINK("http://x")', "@SUM(A1)", "+86", "\t=cmd|' /C calc'!A0", "\u202e=2"]
)
def test_a_name_is_never_a_formula(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path, name: str
) -> None:
    city.person(name, station="-站")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path / "lists")
    assert len(drawn.files) == 4
    for file in workbooks(drawn.files):
        for tab in openpyxl.load_workbook(BytesIO(Path(file).read_bytes())):
            for row in tab.iter_rows():
                for cell in row:
                    assert cell.data_type in ("s", "n") and cell.hyperlink is None
                    assert not str(cell.value or "").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t"))


def test_an_erased_person_keeps_a_line_without_a_name(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    gone = city.person("欧阳试一")
    city.person("司马试二", mobile="")
    first = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path / "lists")
    with engine.begin() as conn:
        home = sa.select(pool_person.c.home_record).where(pool_person.c.person_id == gone)
        conn.execute(record_salt.delete().where(record_salt.c.record_id.in_(home)))
    again = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path / "lists")
    assert first.content_hash == again.content_hash
    for file in map(Path, workbooks(again.files)):
        rows = _sheet(file)
        assert {row[2] for row in rows[3:]} == {"（信息已删除）", "司马试二"}
        assert "共 1 人（其中 1 人无手机），另有 1 行信息已删除，不发放" in str(rows[1][0])
        if file.stem.count("_") == 5:
            assert _sheet(file, "合计")[2][3:] == ["人数", "其中无手机", "其中疑似同一人", "另有信息已删除"]
            assert [row[3:] for row in _sheet(file, "合计")[3:]] == [[1, 1, 0, 1], [1, 1, 0, 1]]


def test_a_row_id_shows_one_misread_sign_and_two_swapped_neighbours() -> None:
    signs = "7K2Q9XMD"
    right = check_sign(signs)
    for place in range(8):
        for other in ROW_ALPHABET:
            if other != signs[place]:
                assert check_sign(signs[:place] + other + signs[place + 1 :]) != right
    swapped = [signs[:p] + signs[p + 1] + signs[p] + signs[p + 2 :] for p in range(7)]
    assert all(check_sign(word) != right for word in swapped)


def test_two_stations_that_share_a_file_name_still_get_two_files(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("欧阳试一", station="东/站")
    city.person("欧阳试二", station="东:站")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path / "lists")
    assert len(set(workbooks(drawn.files))) == 3 and len(set(drawn.files)) == 6


def test_two_draws_at_once_lock_one_list_and_write_whole_files(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    for number in range(20):
        city.person(f"欧阳试{number}")
    out = tmp_path / "lists"
    out.mkdir()
    (out / ".list-warm_winter-2026-killed").mkdir()
    (out / ".list-warm_winter-2026-killed" / "half.xlsx").write_bytes(b"half")
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(draw, Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=out) for _ in range(4)
        ]
        drawn = [run.result() for run in runs]
    assert len({(each.list_id, each.content_hash, tuple(each.files)) for each in drawn}) == 1
    assert {path.name for path in out.iterdir()} == {Path(file).name for file in drawn[0].files}
    assert all(_sheet(Path(file))[0][0] for file in workbooks(drawn[0].files))


def test_every_printed_page_says_whom_to_turn_to_the_countys_own_contact_first(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("欧阳试一")
    city.person("诸葛试二", county="140430")
    with engine.begin() as conn:
        conn.execute(
            contact.insert(), {"area": "140403", "office": "潞州区青年之家", "reach": "电话 0355-0000000 & 周一至周五"}
        )
    draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path)
    books = sorted(tmp_path.glob("*.xlsx"))
    assert len(books) == 4
    for path in books:
        said = "共青团长治市沁县委员会" if "140430" in path.name else "潞州区青年之家（电话 0355-0000000 & 周一至周五）"
        assert f"更正与撤回\n{said}" in _text(path)
        book = openpyxl.load_workbook(path)
        assert len(book.worksheets) == (3 if path.stem.count("_") == 5 else 2)
        for sheet in book.worksheets:
            assert sheet.oddHeader.right.text == f"更正信息或撤回授权：{said}".replace("&", "&&"), path.name


def test_a_contact_too_long_for_a_page_is_cut_on_the_page_and_whole_in_the_book(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("欧阳试一")
    reach = "＆电话&" * 33 + "完"
    with engine.begin() as conn:
        conn.execute(contact.insert(), {"area": "140400", "office": "办" * 200, "reach": reach})
    draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path)
    path = next(tmp_path.glob("*.xlsx"))
    assert reach in _text(path)
    for sheet in openpyxl.load_workbook(path).worksheets:
        assert sheet.oddHeader.right.text.endswith("…") and len(sheet.oddHeader.right.text) > 200
