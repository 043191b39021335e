"""acquire: a delivery from the partner's server or a file into the encrypted landing store, verified and recorded."""

from talentpool.acquire.backlog import backlog
from talentpool.acquire.connection import Connection
from talentpool.acquire.deliver import acquire
from talentpool.acquire.landing import expire_landed, open_landed
from talentpool.acquire.record import Landed

__all__ = ["Connection", "Landed", "acquire", "backlog", "expire_landed", "open_landed"]
