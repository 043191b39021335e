"""A roster written in another way gives the same pool; a damaged one loses nobody without a word.

Deliveries are mutated by chance, from a seed. Three hundred run with every test, two thousand in the slow suite.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mutations import books, damage, harmless
from mutations.outcome import Result, deliver, personal_numbers
from mutations.sheet import NEW_MONTH, Sheet, base_people, next_month, sheet_of
from rosters import Office

SLICES = 4
EACH = 12
SLOW = 250
PLAIN_CODES = {"extra_columns", "name_reissued"}
"""Notes that say nothing about a person."""


def known(office: Office) -> Result:
    """The month before is published; returns what the unmutated next one gives."""
    assert office.deliver("2026-09-30", base_people()).accepted == len(base_people())
    result = deliver(office, sheet_of(next_month()).write(), "csv", as_of=NEW_MONTH)
    assert (result.status, result.set_aside) == ("published", 0), result
    assert len(result.people) == len(next_month())
    return result


@st.composite
def written_otherwise(draw: st.DrawFn) -> Sheet:
    """One to three ways of writing the same roster."""
    sheet = sheet_of(next_month())
    in_a_book = draw(st.booleans())
    ways = harmless.ANY_FORM + (books.HARMLESS if in_a_book else harmless.CSV_ONLY)
    chosen = draw(st.lists(st.sampled_from(ways), min_size=1, max_size=3, unique=True))
    if in_a_book:
        sheet = harmless.as_workbook(draw, sheet)
    for way in sorted(chosen, key=_turn):
        sheet = way(draw, sheet)
    return sheet


@st.composite
def damaged(draw: st.DrawFn) -> Sheet:
    """One damage, sometimes with a harmless way of writing beside it."""
    sheet = sheet_of(next_month())
    in_a_book = draw(st.booleans())
    ways = damage.ANY_FORM + (books.DAMAGE if in_a_book else damage.CSV_ONLY)
    way = draw(st.sampled_from(ways))
    if in_a_book:
        sheet = harmless.as_workbook(draw, sheet)
    return way(draw, sheet)


def _turn(way: harmless.Mutation) -> int:
    """Columns move first and headers are renamed last, so that every mutation finds the columns it works on."""
    return {"order_of_columns": 0, "more_columns": 1, "header_as_typed": 9}.get(way.__name__, 5)


def run(examples: int, number: int, check, strategy) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )  # fmt: skip
    @seed(number)
    @given(strategy())
    def each(sheet: Sheet) -> None:
        check(sheet)

    each()


slices = pytest.mark.parametrize(
    ("number", "examples"),
    [
        *((number, EACH) for number in range(SLICES)),
        *(pytest.param(100 + n, SLOW, marks=[pytest.mark.slow, pytest.mark.timeout(3600)]) for n in range(SLICES)),
    ],
)


@slices
def test_a_roster_written_otherwise_gives_the_same_pool(office: Office, number: int, examples: int) -> None:
    expected = known(office)

    def check(sheet: Sheet) -> None:
        result = deliver(office, sheet.write(), sheet.form, as_of=NEW_MONTH)
        assert result.status == "published", (sheet.done, result.codes, result.message)
        assert different(expected, result) == {}, (sheet.done, result.codes)
        assert result.set_aside == 0, (sheet.done, result.codes)
        assert personal_numbers(result.plain) == 0, sheet.done

    run(examples, number, check, written_otherwise)


@slices
def test_a_damaged_roster_loses_nobody_without_a_word(office: Office, number: int, examples: int) -> None:
    expected = known(office)
    before = deliver(office, sheet_of(base_people()).write(), "csv", as_of=NEW_MONTH)

    def check(sheet: Sheet) -> None:
        result = deliver(office, sheet.write(), sheet.form, as_of=NEW_MONTH)
        assert personal_numbers(result.plain) == 0, (sheet.done, result.codes)
        if result.status != "published":
            assert result.status in ("held", "rejected"), (sheet.done, result.status)
            assert result.codes and result.message, (sheet.done, "a refusal says why")
            assert personal_numbers(result.message) == 0, sheet.done
            return
        codes = sum(count for code, count in result.codes.items() if code not in PLAIN_CODES)
        changed = different(expected, result)
        assert len(changed) <= codes, (sheet.done, sorted(changed.values()), result.codes)
        cleared = [
            (name, field)
            for name, facts in result.people.items()
            for field in ("document", "mobile", "mobile2", "name", "birth_date")
            if before.people.get(name, {}).get(field) and not facts[field]
        ]
        assert cleared == [], (sheet.done, sorted({field for _, field in cleared}), result.codes)

    run(examples, number, check, damaged)


def different(expected: Result, result: Result) -> dict[str, tuple[str, ...]]:
    """Staff number -> which facts are other than expected; people too many or too few are among them."""
    found = {}
    for name in expected.people.keys() | result.people.keys():
        ours, theirs = expected.people.get(name, {}), result.people.get(name, {})
        facts = tuple(sorted(fact for fact in ours.keys() | theirs.keys() if ours.get(fact) != theirs.get(fact)))
        if facts:
            found[name] = facts
    return found
