"""Recognise cells that hold no name: placeholders, roles, titles, masks, lost characters, spreadsheet errors.

A placeholder or a role speaks of nobody in particular: the row is set aside. A mask or a lost character hides part of a
real name: the row is accepted, and the name is compared with nothing. A title comes off the name behind which it stands.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache

from talentpool.conform.characters.look_alikes import folded
from talentpool.settings import INCLUDE

POLITE = ("师傅", "师父", "师付", "先生", "女士", "小姐", "同志")
"""What comes off whatever stands before it."""
ROLES = (
    "员工", "骑手", "骑士", "司机", "快递员", "快递", "快递小哥", "配送员", "外卖员", "外卖小哥", "外卖", "站长", "经理",
    "总经理", "主管", "主任", "总监", "组长", "队长", "班长", "店长", "老板", "老板娘", "调度", "调度员", "客服", "文员",
    "财务", "会计", "出纳", "仓管", "库管", "分拣员", "分拣", "操作员", "驾驶员", "小哥", "兼职", "专职", "全职", "众包",
    "外包", "外协", "临时工", "临时", "临工", "零工", "小时工", "合同工", "劳务工", "劳务派遣", "派遣工", "实习生",
    "学徒", "新人", "新手", "替班", "代班", "顶班", "替岗", "机动", "备用", "空岗", "空缺", "待招", "待聘", "待入职",
    "负责人", "联系人", "管理员", "值班", "值班员", "人员", "工人", "雇员", "职工", "同事", "本人", "前台", "保安",
    "保洁", "测试", "用户", "会员", "站点", "收派员", "收派", "收件员", "揽收员", "揽件员", "揽投员", "揽投", "邮递员", "投递员",
    "派件员", "派送员", "派送", "送餐员", "送货员", "网约车", "出租车", "货车", "电动车", "代驾", "代驾员", "跑腿", "跑腿员",
)  # fmt: skip
"""What a cell names instead of a person. 王保安 is a name: only TITLES tell behind a surname."""
TITLES = (
    *POLITE, "老师", "老师傅", "大师傅", "小师傅", "哥哥", "姐姐", "大哥", "大姐", "小哥", "阿姨", "大叔", "老板", "老板娘",
    "骑手", "司机", "快递员", "快递小哥", "配送员", "外卖员", "外卖小哥", "站长", "副站长", "经理", "副经理", "总经理",
    "主管", "主任", "总监", "组长", "小队长", "队长", "班长", "店长", "调度员", "客服", "会计", "出纳", "员工", "收派员",
    "揽收员", "揽投员", "邮递员", "投递员", "派件员", "派送员", "送餐员", "网约车司机",
)  # fmt: skip
SHORT_TITLES = frozenset("哥姐总叔姨嫂")
"""A given name may end in one, too (吴凤姐): it comes off where no name could be so long."""
_SEPARATORS = "·-_—.。,，、/;；:：|"
_NICKNAMED = frozenset("小老")
_NUMERALS = "一二三四五六七八九十"
_ORDER = rf"(?:[\dA-Za-z{_NUMERALS}]++号?)"
"""A run is taken whole (++): split in every way, a long one would be tried for ever."""
_WORDS = "|".join(sorted({*ROLES, *POLITE}, key=len, reverse=True))
_ROLE = re.compile(
    rf"^(?:新入职|新|老|某|第|副|代理|代|本站|美团|饿了么|顺丰|滴滴|中通|圆通|申通|韵达|京东|极兔|邮政|"
    rf"临时|兼职|专职|外包|众包|劳务|派遣|{_ORDER})*(?:{_WORDS})+"
    rf"[\-_#.,:·、]?(?:(?:[Nn][Oo]\.?)?{_ORDER}|[甲乙丙丁]|[小老].|[某*]++|待定|[Nn][Oo]\.)?$"
)
_ROLE_OF_A_PLACE = re.compile(rf"^[㐀-鿿]{{2,8}}[站区县市店部队组](?:{_WORDS}){_ORDER}?$")
_ERROR = re.compile(
    r"^(#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|"
    r"PYTHON!|EXTERNAL!)|ERR(OR)?:?\d+|[=@+\-].*[(!|].*)$"
)
_HAN = re.compile(r"[㐀-鿿\U00020000-\U000323af]")
MASKS = "*∗⁎✱✲﹡＊✗✘❌❎☒⨯※#_●○◯〇◎⊙☆★△▲▽▼◇◆◦•^~…"
LOST = "?□囗▢◻◼◽◾▪▫■▇▆▅▄█▉▊▓▒░〓⬜⬛\ufffd\ufffc"
"""What converters and fonts leave where they had no character."""
_LOST = re.compile(rf"[{re.escape(LOST)}]|锟斤拷")
_MASKED = re.compile(rf"某[男女]|[{re.escape(MASKS)}某×✕✖╳]|(?<![A-Za-zА-яЁё])[XxХх]+(?![A-Za-zА-яЁё])")
"""The X may be Cyrillic."""
_DASHES = r"(?<=[㐀-鿿])[\-‐-―]+"
_DASHED = re.compile(rf"[㐀-鿿]{_DASHES}[㐀-鿿]?")
"""A dash hides where no more than one character stands before and behind it."""
LONGEST_ROLE = 30
"""Characters of a role with all that stands around it; roles in roles can be read in more ways the longer they are."""
_HIDDEN = re.compile(rf"(?:{_MASKED.pattern}|{_LOST.pattern}|{_DASHES}|[\ue000-\uf8ff])+")
_SIGNS_ONLY = re.compile(r"[*?XxХхNn×/囗\-_.\s]+")
_VEILED = re.compile(rf"[(\[【<《](?:([{re.escape(MASKS + LOST)}×✕✖╳]+)|([Xx某]+)(?=.[㐀-鿿]))[)\]】>》]")
"""A mask in brackets stands for what it hides, and is no remark: 霍(*)远."""
_SO_AND_SO = re.compile(r"(某|X|x|×|○|〇|◯){2,}")
_REMARK = re.compile(r"[(\[【<《].*?[)\]】>》]")
_CLOSERS = ")]】>》"
_REMARKABLE = re.compile(r"[(\[【<《]|\d$")
_ASKED = re.compile(r"[?待疑]")
SUSPECTS = frozenset("某锟囗")
"""Characters of the basic block that no real name holds."""


@cache
def surnames() -> frozenset[str]:
    """The commoner surnames, compound ones among them (include/reference/surnames.csv)."""
    with (INCLUDE / "reference" / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(row["surname"] for row in csv.DictReader(lines))


@cache
def placeholders() -> frozenset[str]:
    """The words of include/reference/name_placeholders.txt, in capitals."""
    words = (INCLUDE / "reference" / "name_placeholders.txt").read_text(encoding="utf-8").split()
    return frozenset(word.upper() for word in words)


def split_remark(text: str) -> tuple[str, str]:
    """(name, the whole text where remarks in brackets, or numbers that tell two of one name apart, came off)."""
    if not _REMARKABLE.search(text):
        return text, ""
    text = _VEILED.sub(lambda veil: veil[1] or veil[2], text)
    ends = max(map(text.rfind, _CLOSERS)) + 1  # beyond the last one, every bracket would be followed to the end in vain
    bare = (_REMARK.sub("", text[:ends]) + text[ends:]).strip()
    if not bare:
        return text.strip("()[]【】<>《》 "), ""
    core = bare.rstrip("0123456789") or bare
    return core, text if core != text else ""


def without_title(name: str) -> tuple[str, bool]:
    """(name, whether somebody is named): without the titles around it; a surname with a title names nobody."""
    front = next((title for title in POLITE if _in_simple(name).startswith(title)), "")
    if front and len(name) - len(front) > 1 and is_full_name(_in_simple(name)[len(front) :]):
        name = name[len(front) :]
    while True:
        bare = name.rstrip(_SEPARATORS)
        simple = _in_simple(bare)
        if simple[-1:] not in _title_ends():
            return name, True
        title = next((title for title in _by_length() if simple.endswith(title) and simple != title), "")
        rest = simple.removesuffix(title).rstrip(_SEPARATORS)
        if title == "小师傅" and rest in surnames():  # 李小 with the title 师傅: who is young is called 小李师傅
            return bare[: len(rest) + 1], True
        if title and (len(rest) == 1 or rest in surnames()):
            return bare[: len(rest)], False
        if title and rest and (title in POLITE or is_full_name(rest)):
            name = bare[: len(rest)]
        elif _ends_short(simple) and simple[:-1] in surnames():
            return bare, False
        elif _ends_short(simple) and _is_called(simple) and not is_full_name(simple):
            name = bare[:-1]
        else:
            return name, True


def may_end_in_title(name: str) -> bool:
    """Whether the last character of a whole name may as well be what somebody is called by: 张伟哥, and 吴凤姐."""
    simple = _in_simple(name)
    return _ends_short(simple) and _is_called(simple) and is_full_name(simple)


def _ends_short(simple: str) -> bool:
    return len(simple) > 1 and simple[-1] in SHORT_TITLES


def _is_called(simple: str) -> bool:
    """Whether a whole name stands before the last character: 三姐 and 大哥 are words of their own."""
    return is_full_name(simple[:-1]) and simple[-2] not in _NUMERALS + "大小老阿"


def _in_simple(text: str) -> str:
    """Simplified, sign by sign, so that places in it are places in `text`."""
    simple = folded(text)
    return simple if len(simple) == len(text) else text


def is_title(text: str) -> bool:
    """Whether a remark beside a name is nothing but a title: 王强（师傅）."""
    return _in_simple(text) in TITLES


def without_titles_beside(text: str) -> str:
    """A cell without the remarks in brackets that are titles."""
    return _REMARK.sub(lambda remark: "" if is_title(remark[0][1:-1].strip()) else remark[0], text)


def is_error(text: str) -> bool:
    """Whether a cell holds what a spreadsheet shows in place of a value, or its formula."""
    return bool(_ERROR.match(text.upper()))


def is_placeholder(name: str) -> bool:
    """Whether a cell without its remarks speaks of nobody."""
    name = unicodedata.normalize("NFKC", name)
    upper = "".join(name.upper().split())
    if upper in placeholders() or upper.strip("{}<>[]()〈〉") in placeholders() or _SIGNS_ONLY.fullmatch(name):
        return True
    if len(name) <= LONGEST_ROLE and (_ROLE.match(name) or _ROLE_OF_A_PLACE.match(name)):
        return True
    if len(name) == 2 and name[0] in _NICKNAMED and folded(name[1]) in surnames():
        return True
    rest = _SO_AND_SO.sub("", name)
    return rest != name and bool(_HAN.search(rest)) and (len(rest) == 1 or rest in surnames())


def called_by(name: str) -> str:
    """The surname by which alone somebody is called (张先生, 张某某); '' where that names nobody, or more is said."""
    bare, somebody = without_title("".join(name.split()))
    rest = folded(_SO_AND_SO.sub("", bare))
    if somebody and rest == folded(bare):
        return ""
    return next((rest[:size] for size in (2, 1) if rest[:size] in surnames()), "")


def hidden_part(name: str, text: str) -> str:
    """'masked' or 'lost_char' when part of a name is hidden; '' when all of it is there.

    Args:
        text: the whole cell; a question mark in its remark leaves the name in doubt.
    """
    if _LOST.search(name):
        return "lost_char"
    if text and any(_ASKED.search(remark) for remark in _REMARK.findall(text)):
        return "lost_char"
    if "*" in name or _DASHED.fullmatch(name) or (_MASKED.search(name) and _HAN.search(name)):
        return "masked"
    return "masked" if name in surnames() and len(name) == 1 else ""


def shown(hidden: str) -> str:
    """The first and the last character that can be seen of a hidden name, around a star (马*山, 马*, *山); '' for neither."""
    first, *between = _HIDDEN.split(folded(split_remark(hidden)[0]).upper())
    last = between[-1] if between else ""
    return f"{first[:1]}*{last[-1:]}" if first or last else ""


def fits(hidden: str, whole: str) -> bool:
    """Whether what is left of a hidden name is part of a whole one; what a sign stands for may be of any length."""
    name, other = (folded(split_remark(text)[0]).upper() for text in (hidden, whole))
    first, *between = _HIDDEN.split(name)
    last = between.pop() if between else ""
    if not (other.startswith(first) and other[len(first) :].endswith(last)):
        return False
    left = other[len(first) : len(other) - len(last)]
    for part in between:
        at = left.find(part)
        if at < 0:
            return False
        left = left[at + len(part) :]
    return True


def is_full_name(name: str) -> bool:
    """Whether a text is a surname with a given name of one or two characters."""
    for size in (2, 1):
        if name[:size] in surnames() and 1 <= len(name) - size <= 2:
            return bool(_HAN.fullmatch(name[size])) and name not in surnames()
    return False


@cache
def _title_ends() -> frozenset[str]:
    return frozenset(title[-1] for title in TITLES) | SHORT_TITLES


@cache
def _by_length() -> tuple[str, ...]:
    return tuple(sorted(TITLES, key=len, reverse=True))


def words_of_pairs() -> frozenset[str]:
    """The first two characters of every title and role: what a name of plain characters must not hold anywhere."""
    return frozenset(word[:2] for word in (*TITLES, *ROLES))
