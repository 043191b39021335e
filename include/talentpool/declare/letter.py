"""Define how the repair letter reaches a partner: by which way, and under what it is closed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from talentpool.declare.base import Declaration


class RepairLetter(Declaration):
    """`by`: a folder on the partner's SFTP server, a mail, or a page from which the city's officer takes it out.

    `connection`: of the SFTP server, or of the mail server. `seal`: a workbook under a password that was agreed once by another
    way and stands as the password of the connection `password`; or the partner's OpenPGP or age key.
    """

    by: Literal["sftp", "mail", "page"]
    connection: str | None = None
    directory: str = Field(default="letters", pattern=r"^[\w][\w/.-]*$")
    to: str | None = Field(default=None, pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", description="an office address")
    seal: Literal["password", "openpgp", "age"] = "password"
    password: str | None = None
    public_key: str | None = None

    @field_validator("directory")
    @classmethod
    def _below(cls, directory: str) -> str:
        if ".." in directory.split("/"):
            raise ValueError("directory: no ..")
        return directory.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> RepairLetter:
        if (self.connection is None) != (self.by == "page"):
            raise ValueError("connection: of sftp and mail, and of them alone")
        if (self.to is None) == (self.by == "mail"):
            raise ValueError("to: of mail, and of it alone")
        if (self.password is None) == (self.seal == "password"):
            raise ValueError(
                "password: names the connection in which an agreed password stands; of seal: password alone"
            )
        if (self.public_key is None) != (self.seal == "password"):
            raise ValueError("public_key: of seal: openpgp and age, and of them alone")
        return self
