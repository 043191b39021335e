"""Define every error of the product: one tree, one file.

    TalentpoolError            exit 1   something unexpected; the base of all
    ├── UsageError             exit 2   the caller asked for something that cannot be
    │   ├── DeclarationError   exit 2   a partner or campaign file is wrong: file, field, valid values
    │   ├── ConflictError      exit 2   somebody else was quicker: what the caller looked at is no longer so
    │   ├── OpenAlreadyError   exit 2   the same was asked in another form and is open; carries its number
    │   ├── ContraryError      exit 2   somebody's word stands against it; carries whose, and on which pair
    │   └── RefusedError       exit 2   this user may not, now or ever; carries a code, stands in the audit log
    ├── WaitingError           exit 3   held, or an approval is missing: a person must decide
    ├── RejectedError          exit 4   a delivery cannot be trusted; carries its reason code
    ├── UnavailableError       exit 5   partner, database or storage out of reach; try again later
    ├── NotBuiltError          exit 6   a command that a later release brings
    ├── StaleStageError        exit 1   the pool moved since staging; stage again (handled by flow)
    ├── KeyMissingError        exit 1   a key is missing or is not the one the data was written with
    └── TamperedError          exit 1   a sealed record does not belong where it was found

A message says what happened, in which file and row, and what to do next. It never holds a value of a person.
"""

from __future__ import annotations

from typing import ClassVar


class TalentpoolError(Exception):
    """Base of all errors raised on purpose. `exit_code` is what the CLI returns."""

    exit_code: ClassVar[int] = 1


class UsageError(TalentpoolError):
    """The request contradicts itself or the data; nothing was done."""

    exit_code = 2


class DeclarationError(UsageError):
    """A declaration file does not say what it must; names file, field and valid values."""


class ConflictError(UsageError):
    """What the caller looked at is another by now; nothing was done. Look again, then decide."""


class OpenAlreadyError(UsageError):
    """A request for the same in another form is open, and is carried out or revoked first; nothing was done."""

    def __init__(self, message: str, *, number: int) -> None:
        super().__init__(message)
        self.number = number


class ContraryError(UsageError):
    """What somebody said of a pair stands against it, and is taken back first; nothing was done."""

    def __init__(self, message: str, *, by: str, pair_id: str) -> None:
        super().__init__(message)
        self.by, self.pair_id = by, pair_id


class RefusedError(UsageError):
    """Whoever asks may not do this. `code` says why in a word, for pages that say it in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class WaitingError(TalentpoolError):
    """A person must decide before this goes on."""

    exit_code = 3


class RejectedError(TalentpoolError):
    """A delivery is refused whole. `code` is a delivery-level reason code (reference/reason_codes.csv)."""

    exit_code = 4

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnavailableError(TalentpoolError):
    """Partner, database or storage is out of reach or refuses us; nothing was half done."""

    exit_code = 5


class NotBuiltError(TalentpoolError):
    """A fixed command whose implementation a later release brings."""

    exit_code = 6


class StaleStageError(TalentpoolError):
    """Another delivery of the partner was published since this one was staged."""


class KeyMissingError(TalentpoolError):
    """A key is missing or is not the one the data was written with; the message names the key id."""


class TamperedError(TalentpoolError):
    """Ciphertext that fails authentication: changed, or moved to another record."""
