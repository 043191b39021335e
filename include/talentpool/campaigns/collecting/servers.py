"""Take receipts from the servers of partners that declare where they put them (partner.yml, `receipts`)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import date

from talentpool.acquire import Connection, load_partner
from talentpool.acquire.back_channel import back_channel
from talentpool.campaigns.collecting.folders import MOST_FILES, REFUSED, TAKEN, Collected
from talentpool.campaigns.collecting.senders import partner_sender
from talentpool.campaigns.collecting.sent import LARGEST, take_sent
from talentpool.declare import Partner, partner_files
from talentpool.errors import DeclarationError, UnavailableError
from talentpool.office import Office

log = logging.getLogger(__name__)


def collect_servers(office: Office, today: date, connect: Callable[[str], Connection]) -> Collected:
    """Take what lies on every partner's server; one that cannot be reached holds back no other, and is named by its code."""
    done = Collected()
    for code in partner_files(office.settings.partner_dirs):
        try:
            partner = load_partner(office.settings.partner_dirs, code)
        except DeclarationError:
            continue  # its roster's run says so
        if partner.receipts is None:
            continue
        try:
            collect_server(office, partner, connect(partner.receipts.connection), today, done)
        except UnavailableError as error:
            log.warning("回执没有取到：%s", error)
            done.unreachable.append(code)
    return done


def collect_server(office: Office, partner: Partner, connection: Connection, today: date, done: Collected) -> None:
    """One partner's. What was read is moved on the server with what is wrong beside it; where the server refuses that, it is
    read again and is still one receipt."""
    assert partner.receipts is not None
    sender, directory = partner_sender(partner.code), partner.receipts.directory
    with back_channel(connection) as channel:
        for name in channel.names(directory)[:MOST_FILES]:
            data = channel.read(f"{directory}/{name}", LARGEST + 1)
            sent = take_sent(office, data, sender, today=today, via="server")
            place = f"{directory}/{REFUSED if sent.returned is None else TAKEN}"
            base = f"{place}/{today:%Y%m%d}_{hashlib.sha256(data).hexdigest()[:16]}"
            if sent.returned is None:
                channel.put(f"{base}.txt", f"{sent.refused}\n".encode())
            elif sent.returned.sheet is not None:
                channel.put(f"{base}_需更正.xlsx", sent.returned.sheet)
            channel.move(f"{directory}/{name}", f"{base}.xlsx")
            done.count(sent)
