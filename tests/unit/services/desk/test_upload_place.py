"""Where an officer's file goes: into the folder of inboxes, wherever a connection points."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosters import Office, person
from talentpool.errors import UnavailableError
from talentpool.services.desk.upload import hand_on
from uploads import FIRST, HERE, OURS, OWN, handed, inbox, tried

pytestmark = pytest.mark.usefixtures("trials_here")


@pytest.mark.parametrize("way", ["absolute", "dots", "link"])
def test_an_upload_goes_nowhere_but_into_the_folder_of_inboxes(
    office: Office, tmp_path_factory: pytest.TempPathFactory, way: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    root = office.settings.inbox_dir
    (root / "link").symlink_to(outside)
    folder = {"absolute": outside, "dots": root / ".." / ".." / outside, "link": root / "link"}[way]
    office.deliver(FIRST, OURS)
    number = tried(office, [person(81, county=HERE)]).upload_id
    assert number is not None
    with pytest.raises(UnavailableError, match="outside the folder of inboxes"):
        hand_on(office, office.partner, lambda _: folder, number, OWN)
    assert list(outside.iterdir()) == []
    assert office.one("select count(*) from handed_on") == 0
    handed(office, number)
    (path,) = inbox(office)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_an_inbox_may_be_the_folder_of_inboxes_itself(office: Office) -> None:
    office.deliver(FIRST, OURS)
    number = tried(office, [person(82, county=HERE)]).upload_id
    assert number is not None
    root: Path = office.settings.inbox_dir
    name = hand_on(office, office.partner, lambda _: root, number, OWN)
    assert (root / name).is_file()
