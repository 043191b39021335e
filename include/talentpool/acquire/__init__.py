"""Take a delivery from the partner's server or a file into the encrypted landing store, verified and recorded."""

from talentpool.acquire.backlog import backlog
from talentpool.acquire.connection import Connection
from talentpool.acquire.declared import load_partner, partner_names
from talentpool.acquire.deliver import Said, acquire, file_facts, in_future, land_verified, other_date, overlooked
from talentpool.acquire.landed_file import Delivered
from talentpool.acquire.landing import expire_landed, expired, finished, let_go, let_go_within, open_landed, strays
from talentpool.acquire.manifest import Counted, Manifest
from talentpool.acquire.names import Overlooked
from talentpool.acquire.record import Facts, Landed, delivered, first_row, notes_of_name, reissued, trial_hash
from talentpool.acquire.refusals import keep_rejection
from talentpool.acquire.sender import placed, put_down, take_back
from talentpool.acquire.tidy import remove_exactly
from talentpool.acquire.transports.inbox import inbox_folder, read_chunks, within_inboxes

__all__ = [
    "Connection",
    "Counted",
    "Delivered",
    "Facts",
    "Landed",
    "Manifest",
    "Overlooked",
    "Said",
    "acquire",
    "backlog",
    "delivered",
    "expire_landed",
    "expired",
    "file_facts",
    "finished",
    "first_row",
    "in_future",
    "inbox_folder",
    "keep_rejection",
    "land_verified",
    "let_go",
    "let_go_within",
    "load_partner",
    "notes_of_name",
    "open_landed",
    "other_date",
    "overlooked",
    "partner_names",
    "placed",
    "put_down",
    "read_chunks",
    "reissued",
    "remove_exactly",
    "strays",
    "take_back",
    "trial_hash",
    "within_inboxes",
]
