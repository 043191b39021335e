"""Read Airflow connections in the form that talentpool's transports take.

Partners use the providers' standard types and fields, so that the forms of the UI fit: sftp (host, port, login;
host_key and private_key in extra), fs (path in extra), http, aws.
"""

from __future__ import annotations

from talentpool.acquire import Connection
from talentpool.errors import UnavailableError


def connection(conn_id: str) -> Connection:
    """The Airflow connection `conn_id`; UnavailableError when nobody has created it yet."""
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = AirflowConnection.get(conn_id)
    except AirflowNotFoundException:
        raise UnavailableError(
            f"there is no Airflow connection {conn_id!r}; create it under 管理 > 连接, its id is in the partner.yml"
        ) from None
    return Connection(
        conn_id=conn_id,
        conn_type=found.conn_type or "",
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        extra=found.extra_dejson,
    )
