"""Mask a value: show no more of it than its purpose needs.

Pages show a birth year and a sex beside a number, and both stand in a document number: with the digits at its ends they
would leave few to try. So nothing of a document is shown but how long it is, and of a mobile what tells two people of
one name apart. Whoever needs more asks for the values in plain, on record; whether two values agree is said in words
(guard/alike.py).
"""

from __future__ import annotations

ON_A_PAGE, ON_A_LIST = 2, 4
"""Digits of a mobile. A list goes to whoever hands out and knows the people by their numbers' ends."""


def mask_mobile(value: str, shown: int = ON_A_PAGE) -> str:
    """*********00: the last digits; of a short or foreign number two at most."""
    if len(value) < 11:
        shown = min(shown, 2) if len(value) > 4 else 0
    hidden = len(value) - shown
    return "*" * hidden + value[hidden:]


def mask_document(value: str) -> str:
    """A star a character: that there is one, and how long."""
    return "*" * len(value)


def mask_name(value: str) -> str:
    """The first character and at least one star; '' for ''."""
    return value[:1] + "*" * max(len(value) - 1, 1) if value else ""
