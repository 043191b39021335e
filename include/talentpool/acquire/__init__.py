"""acquire: a delivery from the partner's server or a file into the encrypted landing store, verified and recorded."""

from talentpool.acquire.backlog import backlog
from talentpool.acquire.connection import Connection
from talentpool.acquire.deliver import Landed, acquire
from talentpool.acquire.landing import expire_landed, open_landed

__all__ = ["Connection", "Landed", "acquire", "backlog", "expire_landed", "open_landed"]
