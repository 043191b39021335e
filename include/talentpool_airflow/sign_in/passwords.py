"""Check a password, however it is set: long, not one that everybody tries, and no user's name.

Guesses are counted by zxcvbn, which knows the lists of leaked passwords, keyboards, dates, repetitions and what an office
here would think of; nothing leaves the machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product

from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 128
STRONG_ENOUGH = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses."""
READ = 72
"""Characters that zxcvbn looks at."""
OURS = ("talentpool", "rencaiku", "shanxi", "gongqingtuan", "tuanwei", "qingnian", "nuandong", "airflow")
SHORTEST_NAME = 3
RULES = f"密码至少 {SHORTEST} 个字符，不能是常见密码，不能由账号名变化而来。可以用几个不相干的词连成一句。"


def fault(password: str, names: Iterable[str]) -> str | None:
    """Why it will not do, in words for its owner, or None. `names`: of the users, none of which may make it up."""
    if len(password) < SHORTEST:
        return f"密码太短：至少 {SHORTEST} 个字符。"
    if len(password) > LONGEST:
        return f"密码太长：最多 {LONGEST} 个字符。"
    folded = password.casefold()
    for name in {name.casefold() for name in names}:
        if len(name) >= SHORTEST_NAME and name in folded and len(folded) - len(name) < SHORTEST:
            return "密码不能由账号名变化而来，请换一个。"
    if zxcvbn(password[:READ], user_inputs=[*OURS, *_places()])["score"] < STRONG_ENOUGH:
        return "密码太容易被猜到：是常见密码，或由键盘顺序、日期、重复字符组成。可以用几个不相干的词连成一句。"
    return None


@cache
def _places() -> tuple[str, ...]:
    """Prefectures and counties in every pinyin without tones, with and without 市, 县 or 区: what an office would think of."""
    from pypinyin import Style, pinyin

    from talentpool.area import shipped
    from talentpool.settings import INCLUDE

    names = {name for one in shipped(INCLUDE / "reference") for name in (one.name, one.prefecture)}
    names |= {name[:-1] for name in names if len(name) > 2}
    spelt = (product(*pinyin(name, style=Style.NORMAL, heteronym=True)) for name in names)
    return tuple(sorted({"".join(sounds) for each in spelt for sounds in each}))


def complexity(password: str) -> None:
    """The same for FAB's form of a new user, in its words."""
    from flask import current_app
    from flask_appbuilder.exceptions import PasswordComplexityValidationError

    names = [user.username for user in current_app.appbuilder.sm.get_all_users()]  # type: ignore[attr-defined]
    if why := fault(password, names):
        raise PasswordComplexityValidationError(why)
