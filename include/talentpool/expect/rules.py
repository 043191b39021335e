"""State the row rules: one SQL predicate each, with its reason code, over the audit table of a staged delivery.

From one predicate are made both the Great Expectations expectation and the statement that sets rows aside, so the two
cannot drift apart; that their counts agree is itself checked. A predicate that is null counts as not met.
"""

from __future__ import annotations

from dataclasses import dataclass

from talentpool.texts.dimensions import Dimension


@dataclass(frozen=True)
class Rule:
    """`bad` is true for a row that is set aside under `code`; the outcome is the code's (reason_codes.csv). `said`: what is
    expected, in English; the code's Chinese text is in the same table."""

    code: str
    dimension: Dimension
    said: str
    bad: str


ROW_RULES = (
    Rule(
        "county_not_yours",
        Dimension.CONFORMITY,
        "the county is one the sender may bring",
        "strpos(faults, 'county_not_yours') > 0",
    ),
    Rule("under_14", Dimension.CONFORMITY, "nobody is under 14", "birth_date > as_of - interval '14 years'"),
    Rule(
        "no_consent",
        Dimension.COMPLETENESS,
        "there is a date of consent and a known notice",
        "needs_consent and consent_status not in ('ok', 'withdrawn')",
    ),
    Rule(
        "consent_withdrawn",
        Dimension.CONFORMITY,
        "consent is not reported as withdrawn",
        "needs_consent and consent_status = 'withdrawn'",
    ),
    Rule("withdrawn", Dimension.CONFORMITY, "nobody who withdrew comes back", "withdrawn"),
    Rule("withdrawn_doubtful", Dimension.CONFORMITY, "nobody may be one who withdrew", "withdrawn_doubtful"),
    Rule("staff_no_missing", Dimension.COMPLETENESS, "there is a staff number", "staff_no = '' and faults is null"),
    Rule("staff_no_damaged", Dimension.ACCURACY, "the staff number is whole", "strpos(faults, 'staff_no_damaged') > 0"),
    Rule(
        "staff_no_personal",
        Dimension.CONFORMITY,
        "the staff number is no personal number",
        "strpos(faults, 'staff_no_personal') > 0",
    ),
    Rule(
        "personal_number_misplaced",
        Dimension.CONFORMITY,
        "no personal number stands in another column",
        "strpos(faults, 'personal_number_misplaced') > 0",
    ),
    Rule("staff_no_doubled", Dimension.UNIQUENESS, "a staff number stands once in a delivery", "doubled"),
    Rule("row_struck", Dimension.CONFORMITY, "no cell of the row is crossed out", "name_status = 'struck'"),
    Rule("two_people", Dimension.UNIQUENESS, "a row is one person", "name_status = 'two_people'"),
    Rule("name_empty", Dimension.COMPLETENESS, "there is a name", "name_status = 'empty'"),
    Rule("name_placeholder", Dimension.ACCURACY, "the name is no placeholder", "name_status = 'placeholder'"),
    Rule("county_missing", Dimension.COMPLETENESS, "there is a county", "county_status = 'missing'"),
    Rule(
        "county_unknown", Dimension.CONFORMITY, "the county is in the table of divisions", "county_status = 'unknown'"
    ),
    Rule("county_outside", Dimension.CONFORMITY, "the county lies in the area", "county_status = 'outside'"),
    Rule("birth_date_impossible", Dimension.CONFORMITY, "the birth date is a day", "substr(date_status, 1, 1) = 'x'"),
    Rule(
        "birth_date_future",
        Dimension.ACCURACY,
        "the birth date is not after the roster",
        "substr(date_status, 1, 1) = 'f'",
    ),
    Rule(
        "hired_on_impossible", Dimension.CONFORMITY, "the first day of work is a day", "substr(date_status, 2, 1) = 'x'"
    ),
    Rule(
        "hired_on_future",
        Dimension.TIMELINESS,
        "the first day of work is not after the roster",
        "substr(date_status, 2, 1) = 'f'",
    ),
    Rule(
        "left_on_impossible",
        Dimension.CONFORMITY,
        "the last day of work is a day",
        "substr(date_status, 3, 1) in ('x', 'f')",
    ),
    Rule(
        "left_before_hired", Dimension.CONSISTENCY, "nobody leaves before the first day of work", "left_on < hired_on"
    ),
    Rule(
        "hired_before_14",
        Dimension.CONSISTENCY,
        "nobody begins to work before 14",
        "hired_on < birth_date + interval '14 years'",
    ),
    Rule(
        "age_14_15",
        Dimension.CONFORMITY,
        "nobody is 14 or 15",
        "birth_date > as_of - interval '16 years' and birth_date <= as_of - interval '14 years'",
    ),
    Rule(
        "age_over_bound", Dimension.ACCURACY, "nobody is older than the partner's bound", "birth_date <= as_of - oldest"
    ),
    Rule("staff_no_reused", Dimension.UNIQUENESS, "a staff number stays one person's", "reused"),
    Rule("staff_no_rewritten", Dimension.CONSISTENCY, "a staff number keeps its notation", "rewritten"),
)

AS_IT_IS = frozenset(
    {
        "staff_no_doubled", "staff_no_rewritten", "age_over_bound",
        "hired_on_impossible", "hired_on_future", "left_on_impossible", "left_before_hired", "hired_before_14",
    }
)  # fmt: skip
"""Codes for which an officer may take a row as it is: doubts about a row of which a record can be made. Never an age below
16, nor a birth date that is none, behind which a child may stand; nor a consent that is missing, a number that names nobody
or somebody else, nor what would leave a number in plain."""

USABLE = "id_number_status in ('valid', 'legacy_15', 'other_document')"

STAGING_CHECKS = {
    "statuses come from their vocabularies": """
        name_status not in ('ok', 'empty', 'placeholder', 'rare_char', 'masked', 'lost_char', 'struck', 'two_people')
        or id_number_status not in ('valid', 'missing', 'masked', 'bad_checksum', 'malformed', 'precision_lost',
                                    'legacy_15', 'other_document')
        or mobile_status not in ('ok', 'missing', 'masked', 'unusable')
        or mobile2_status not in ('ok', 'missing', 'masked', 'unusable')
        or county_status not in ('ok', 'mapped', 'unknown', 'outside', 'missing')
        or consent_status not in ('ok', 'missing', 'unknown_notice', 'withdrawn')
        or length(date_status) <> 4 or date_status !~ '^[omxf]{2}[omxfn][omxf]$' or sex not in (0, 1, 2, 9)""",
    "no status is null": """
        name_status is null or id_number_status is null or mobile_status is null or mobile2_status is null
        or county_status is null or consent_status is null or date_status is null or staff_no is null
        or weak_identity is null or row_no is null or not has_record""",
    "a document index stands exactly beside a usable document": f"changed and (has_id_index <> ({USABLE}))",
    "a mobile index stands exactly beside a usable mobile": "changed and (has_mobile_index <> (mobile_status = 'ok'))",
    "a second mobile index stands exactly beside a usable one": (
        "changed and (has_mobile2_index <> (mobile2_status = 'ok'))"
    ),
    "changed rows are sealed and salted, others are not": "has_sealed <> changed or has_salt <> changed",
    "rows that may not be kept are not sealed": (
        "has_sealed and (withdrawn or (needs_consent and consent_status <> 'ok')"
        " or birth_date > as_of - interval '14 years')"
    ),
    "the birth date is the document's where that is usable": (
        "id_birth_date is not null and birth_date is distinct from id_birth_date and substr(date_status, 1, 1) = 'o'"
    ),
    "a date stands exactly where its letter says so": """
        (birth_date is distinct from id_birth_date and birth_date is not null
            and substr(date_status, 1, 1) not in ('o', 'm'))
        or (birth_date is null and substr(date_status, 1, 1) = 'o')
        or (hired_on is null and substr(date_status, 2, 1) = 'o')
        or (left_on is null and substr(date_status, 3, 1) = 'o')
        or ((consented_on is not null) <> (substr(date_status, 4, 1) = 'o'))""",
    "consent evidence has a date": "consent_status not in ('missing', 'withdrawn') and consented_on is null",
    "no date lies after the roster's, no consent and no hire of a county's after its landing": (
        "birth_date > as_of or hired_on > hired_until or consented_on > consent_until"
    ),
    "a county is current and inside the area exactly when its status says so": (
        "county_inside <> (county_status in ('ok', 'mapped'))"
    ),
}
"""Conform's own honesty, checked without its help: a row for which one of these is true means a fault of ours."""
