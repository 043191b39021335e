"""Each comparison and each of its levels, on records as they come out of the seal; keys and weights beside them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from talentpool.conform.values.documents import HONG_KONG, TAIWAN
from talentpool.guard.cipher import PERSONAL_FIELDS, Personal
from talentpool.match.candidates.keys import CAPS, COLUMNS, KIND_BITS, KeyMaker, Keys, make_keys
from talentpool.match.candidates.pairs import Candidates, find_pairs
from talentpool.match.facts.features import NO_DATE, Features, Mobiles, Plain, read_facts, with_names
from talentpool.match.facts.frequencies import GIVEN_LENGTHS, LONG_NAME, RARE_NAME_BOUND
from talentpool.match.scoring.compare import SHARED_MOBILE_MAX, compare
from talentpool.match.scoring.score import SMALLEST, bits, borrowed, nameless, prior_bits, unnamed
from talentpool.match.scoring.weights import LEVELS, Weights, load_weights

ID, OTHER_ID = "999001199005050018", "999001199005050026"


STATUS = {"valid": 1, "legacy_15": 1, "masked": 2, "taiwan": TAIWAN, "hong_kong": HONG_KONG}


def record(
    name="欧阳潞襄", number="", status="missing", mobile="", mobile2="", birth="", sex=0, county=140403, partner=1,
    station=0, hired="",
):  # fmt: skip
    return (Personal(name, "", number, mobile, mobile2), status, birth, sex, county, partner, station, hired)


def features(*records) -> Features:
    opened, status, birth, sex, county, partner, station, hired = zip(*records, strict=True)
    days, first = (
        np.array([(date.fromisoformat(day) - date(1970, 1, 1)).days if day else NO_DATE for day in column])
        for column in (birth, hired)
    )
    text = {name: pa.array([getattr(one, name) for one in opened], pa.string()) for name in PERSONAL_FIELDS}
    numbers = (np.array([int(one or 0) for one in text[name].to_pylist()]) for name in ("mobile", "mobile2"))
    mobiles, codes = Mobiles(*numbers, np.zeros(len(days))), np.array([STATUS.get(one, 0) for one in status])
    plain = Plain(days, *(np.array(column) for column in (sex, county, partner, station)), first)
    facts = read_facts(text["document_no"], codes, mobiles, plain)
    return with_names(facts, pa.chunked_array([text["name"]]))


def level(comparison: str, left, right, bearers=2) -> str:
    found = features(left, right)
    borne = np.where(np.stack([found.facts.mobile, found.facts.mobile2, found.facts.former], axis=1) != 0, bearers, 0)
    compared = compare(found, borne, np.array([0]), np.array([1]))
    swapped = compare(found, borne, np.array([1]), np.array([0]))
    assert compared.levels[comparison] == swapped.levels[comparison], "either way round"
    return LEVELS[comparison][int(compared.levels[comparison][0])]


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        ("张伟", "张伟", "same"),
        ("張偉", "张伟", "same"),
        ("张伟师傅", "张伟", "same"),
        ("阿依古丽·买买提", "阿依古丽买买提", "same"),
        ("张伟", "张玮", "pinyin"),
        ("张建国", "张国", "lost"),
        ("张建国", "张建", "lost"),
        ("张建国", "张建军", "one"),
        ("张建国", "张志国", "one"),
        ("张建国", "李建国", "differs"),
        ("张建国", "建国", "differs"),
        ("张伟", "李娜", "differs"),
    ],
)
def test_names_agree_as_far_as_they_do(left: str, right: str, wanted: str) -> None:
    assert level("name", record(left), record(right)) == wanted


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        ((ID, "valid"), (ID, "valid"), "same"),
        ((ID, "valid"), (ID, "legacy_15"), "same"),
        ((ID, "valid"), (OTHER_ID, "valid"), "conflict"),
        ((ID, "valid"), ("9990**********0018", "masked"), "masked_fits"),
        ((ID, "valid"), ("**************0018", "masked"), "tail_same"),
        (("**************0018", "masked"), ("**************0018", "masked"), "tail_same"),
        ((ID, "valid"), ("**************0026", "masked"), "tail_differs"),
        ((ID, "valid"), ("1404**********0018", "masked"), "head_differs"),
        ((ID, "valid"), ("999***********0018", "masked"), "masked_fits"),
        ((ID, "valid"), ("99900**********018", "masked"), "unknown"),
        ((ID, "valid"), ("999001********0018", "masked"), "masked_fits"),
        ((ID, "valid"), ("", "missing"), "unknown"),
        (("E12345678", "other_document"), ("E12345678", "other_document"), "same"),
        (("E12345678", "other_document"), ("E12345679", "other_document"), "unknown"),
        (("H0123456701", "hong_kong"), ("H01234567", "hong_kong"), "same"),
        (("H0123456701", "hong_kong"), ("H0123456801", "hong_kong"), "tail_differs"),
        (("0123456701(B)", "taiwan"), ("01234567", "taiwan"), "same"),
        (("0123456701", "taiwan"), ("0123456702B", "taiwan"), "same"),
        (("0123456701(B)", "taiwan"), ("01234568", "taiwan"), "tail_differs"),
        (("2024000101", "other_document"), ("2024000102", "other_document"), "unknown"),
        (("ABC123456789012", "other_document"), ("ABC123456789013", "other_document"), "tail_differs"),
        (("H01234567", "hong_kong"), ("E12345678", "other_document"), "unknown"),
        (("E12345678", "other_document"), (ID, "valid"), "unknown"),
    ],
)
def test_documents_agree_as_far_as_they_can_be_read(left, right, wanted: str) -> None:
    assert level("document", record(number=left[0], status=left[1]), record(number=right[0], status=right[1])) == wanted


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        ("1990-05-05", "1990-05-05", "same"),
        ("1990-05-05", "1991-05-05", "near"),
        ("1990-05-05", "1990-06-04", "near"),
        ("1990-05-04", "1990-04-05", "near"),
        ("1990-05-05", "1990-11-05", "differs"),
        ("1990-05-05", "1967-05-05", "differs"),
        ("1990-05-05", "", "unknown"),
    ],
)
def test_birth_dates(left: str, right: str, wanted: str) -> None:
    assert level("birth", record(birth=left), record(birth=right)) == wanted


def test_what_one_number_says_is_not_counted_twice() -> None:
    one = record(number=ID, status="valid", birth="1990-05-05", sex=1)
    assert level("birth", one, one) == level("sex", one, one) == "unknown"


@pytest.mark.parametrize(
    ("left", "right", "bearers", "wanted"),
    [
        (("13500000001", ""), ("13500000001", ""), 2, "same"),
        (("13500000001", ""), ("13500000002", "13500000001"), 2, "same"),
        (("13500000001", "13500000001"), ("13500000001", ""), 2, "same"),
        (("13500000001", ""), ("13500000001", ""), SHARED_MOBILE_MAX + 1, "shared"),
        (("13500000001", ""), ("13500000002", ""), 2, "differs"),
        (("13500000001", ""), ("", ""), 2, "unknown"),
    ],
)
def test_mobiles(left, right, bearers: int, wanted: str) -> None:
    assert (
        level("mobile", record(mobile=left[0], mobile2=left[1]), record(mobile=right[0], mobile2=right[1]), bearers)
        == wanted
    )


def score(left, right, records=100_000, bearers=2) -> tuple[float, bool]:
    found = features(left, right)
    borne = np.where(np.stack([found.facts.mobile, found.facts.mobile2, found.facts.former], axis=1) != 0, bearers, 0)
    compared = compare(found, borne, np.array([0]), np.array([1]))
    weights = load_weights()
    return float(sum(bits(weights, compared).values())[0]) + prior_bits(weights, records), bool(borrowed(compared)[0])


def test_a_rare_name_weighs_more_a_larger_pool_less_and_a_shared_mobile_is_divided() -> None:
    def pair(name, **more):
        return record(name, birth="1990-05-05", **more), record(name, birth="1990-05-05", partner=2, **more)

    assert score(*pair("欧阳潞襄"))[0] > score(*pair("王伟"))[0] + 5
    assert [score(*pair("王伟"), records=n)[0] for n in (10_000, SMALLEST)] == [score(*pair("王伟"), records=1)[0]] * 2
    assert score(*pair("王伟"), records=1_000_000)[0] == pytest.approx(score(*pair("王伟"), records=15_625)[0] - 6)
    by_phone = [score(*pair("王伟", mobile="13500000001"), bearers=n)[0] for n in (2, 3, 5)]
    assert by_phone == pytest.approx([by_phone[0], by_phone[0] - 1, by_phone[0] - 2])


def test_one_number_under_another_name_and_mobile_is_a_borrowed_account() -> None:
    one = record("张伟", ID, "valid", mobile="13500000001")
    assert score(one, record("李娜", ID, "valid", mobile="13500000002"))[1]
    assert score(one, record("李娜", ID, "valid"))[1]
    assert not score(one, record("李娜", ID, "valid", mobile="13500000001"))[1]
    assert not score(one, record("张玮", ID, "valid", mobile="13500000002"))[1]


def test_a_key_is_an_aes_cmac_under_the_match_key() -> None:
    maker = KeyMaker(bytes(range(32)))
    made = maker.macs(3, np.array([0x123456789ABCDE], np.uint64), np.array([-5]))
    plain = CMAC(AES(bytes(range(32))))
    plain.update(((4 << 56) | 0x123456789ABCDE).to_bytes(8, "big") + (-5).to_bytes(8, "big", signed=True))
    whole = int.from_bytes(plain.finalize()[:8], "big", signed=True)
    assert made.tolist() == [whole & ~KIND_BITS | 3]
    assert KeyMaker(bytes(32)).macs(3, np.array([1], np.uint64), np.array([1])) != maker.macs(
        3, np.array([1], np.uint64), np.array([1])
    )


def meet(keys: Keys) -> Candidates:
    return find_pairs(keys.blocks(), keys.mobiles, len(keys.table))


def test_records_meet_by_any_key_and_no_block_explodes() -> None:
    maker = KeyMaker(bytes(32))
    crowd = [record("王伟", mobile="13500000001", county=140400 + n % 12, partner=n % 3) for n in range(100)]
    keys = make_keys(features(*crowd), maker)
    found = meet(keys)
    assert found.over["mobile"] == 1 and len(found.left) == 0
    assert found.bearers[:, 0].tolist() == [100] * 100
    name = COLUMNS.index("name")
    assert not keys.table[:, name].any(), "a common name alone is never a key"
    rare = make_keys(features(record(), record(county=140404)), maker)
    assert rare.table[:, name].all()
    assert meet(rare).left.tolist() == [0]
    few = features(*(record("王伟", birth="1990-05-05", county=n) for n in range(1, CAPS["sound_birth"] + 1)))
    assert len(meet(make_keys(few, maker)).left) == CAPS["sound_birth"] * (CAPS["sound_birth"] - 1) // 2


def test_common_names_are_common_and_rare_ones_rare() -> None:
    found = features(record("王伟"), record("欧阳潞襄"), record("阿依古丽·买买提"))
    names, (common, rare, long) = found.names, found.facts.name
    assert names.share[common] > RARE_NAME_BOUND > names.share[rare]
    assert names.share[long] == LONG_NAME < RARE_NAME_BOUND, "its characters come in company"
    assert (names.sound_share >= names.share).all()


def test_a_given_name_of_one_character_is_rarer_than_its_character() -> None:
    found = features(record("王伟"), record("王伟伟"))
    (one, two), share, part = found.facts.name, found.names.share, found.names.part
    assert share[one] == pytest.approx(part[one, :2].prod() * GIVEN_LENGTHS[1])
    assert share[two] == pytest.approx(part[two, :3].prod() * GIVEN_LENGTHS[2])


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [(1, 1, "same"), (2, 2, "same"), (1, 2, "differs"), (0, 2, "unknown"), (0, 0, "unknown")],
)
def test_sexes(left: int, right: int, wanted: str) -> None:
    assert level("sex", record(sex=left), record(sex=right)) == wanted


def test_a_record_without_any_evidence_has_no_key() -> None:
    assert len(make_keys(features(record("", county=0)), KeyMaker(bytes(32))).every()) == 0


def test_the_weights_file_must_name_every_level_and_no_other() -> None:
    whole = load_weights().model_dump()
    assert all(one["zh"] and one["en"] for levels in whole["comparisons"].values() for one in levels.values())
    del whole["comparisons"]["name"]["pinyin"]
    with pytest.raises(ValueError, match="not so: name"):
        Weights.model_validate(whole)


def test_two_records_without_a_name_are_united_by_one_number_alone() -> None:
    found = features(record("", ID, "valid"), record("", ID, "valid", partner=2), record("张伟", "", mobile="13500000001"),
                     record("", "", mobile="13500000001", partner=2))  # fmt: skip
    pairs = compare(found, np.full((4, 3), 2, np.int32), np.array([0, 2, 1]), np.array([1, 3, 3]))
    assert [LEVELS["name"][at] for at in pairs.levels["name"]] == ["unknown"] * 3
    assert nameless(pairs).tolist() == [False, True, True]
    assert not unnamed(pairs).any() and not borrowed(pairs).any()
