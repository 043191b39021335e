"""Tell what of a whole delivery its partner may know, and whether there is anything to write about.

Only what follows from the partner's own rosters: not that another partner's looks the same, and no figure in which people count
who withdrew.
"""

from __future__ import annotations

from typing import Any

from talentpool.deliveries.delivery_state import State
from talentpool.expect import in_words
from talentpool.texts.cells import told_codes
from talentpool.texts.reasons import NOTHING_TO_DO, reasons

SETTLED = (State.PUBLISHED.value, State.HELD.value, State.REJECTED.value)
"""States in which a delivery has its verdict."""
FAULTS = ("quarantined", "refused", "set_aside")
NOT_THEIRS = frozenset(
    {"content_of_other", "rule_broken", "staging_inconsistent", "superseded", "withdrawn", "withdrawn_doubtful"}
)
"""Of other partners, of ourselves, or of nobody's concern any more."""
WITHOUT_FIGURES = frozenset({"consent_ended_many", "quarantine_high"})
"""Their shares count who withdrew."""
OF_PEOPLE = frozenset({"consent_ended"})
"""Notes of a delivery that count people rather than describe the file."""
CONCLUSIONS = {
    State.PUBLISHED: "已入库；列出的行和单元格请在下次名册中改正",
    State.HELD: "整份搁置，等市级数据专员决定；请核对下列各项，有误的改正后重新交付",
    State.REJECTED: "整份退回，没有入库；请按下列各项改正后重新交付",
}


def is_worth_a_letter(facts: Any) -> bool:
    """Whether the partner has something to put right. `facts`: the delivery's row; a county's upload is answered on its page."""
    if facts.state not in SETTLED or facts.sent_counties is not None:
        return False
    if facts.state == State.REJECTED and {"superseded", "rule_broken", "staging_inconsistent"} & set(facts.reasons):
        return False
    return bool(faults_of(facts)) or bool(_whole(facts))


def faults_of(facts: Any) -> dict[str, int]:
    """Rows by code of what is to be mended; {} of a delivery that has no rows, or of before such figures were kept."""
    told = facts.profile.get("told", {}) if facts.rows else {}
    return {code: told[code] for code in told_codes(*FAULTS) if told.get(code)}


def of_the_whole(facts: Any) -> list[tuple[str, str]]:
    """(what is wrong, what to do) of the delivery as a whole: why it waits or was sent back, then notes on the file."""
    known = reasons()
    lines = _whole(facts)
    for code in facts.notes:
        reason = known.get(code)
        if reason is None or reason.level != "delivery" or code in OF_PEOPLE | NOT_THEIRS:
            continue
        if not reason.fix_zh.startswith(NOTHING_TO_DO):
            lines.append((reason.text_zh, reason.fix_zh))
    return lines


def _whole(facts: Any) -> list[tuple[str, str]]:
    """Why it waits, or was sent back."""
    known, lines, found = reasons(), [], set()
    if facts.state in (State.HELD, State.REJECTED):
        for finding in facts.findings:
            code = finding["code"]
            found.add(code)
            if code in NOT_THEIRS or not known[code].is_told:
                continue
            said = (
                known[code].text_zh if code in WITHOUT_FIGURES else in_words(finding).removesuffix(known[code].fix_zh)
            )
            lines.append((said.rstrip("，：: "), known[code].fix_zh))
    if facts.state == State.REJECTED:
        codes = [c for c in facts.reasons if known[c].level == "delivery" and known[c].outcome == State.REJECTED]
        for code in codes:
            if code in NOT_THEIRS or code in found:
                continue
            own = facts.message if code not in ("decided_reject", "nobody_accepted") else ""
            lines.append((own or known[code].text_zh, known[code].fix_zh))
    return lines
