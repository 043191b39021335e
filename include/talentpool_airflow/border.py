"""Give a task its settings, database and keys, and turn talentpool's errors into Airflow's.

Out of reach: an ordinary failure, tried again with growing pauses. A verdict, a wrong declaration, a wrong key: a
failure that no second try mends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from talentpool_airflow.notes import put_off, stopped

if TYPE_CHECKING:
    from talentpool.guard.sources import KeySource
    from talentpool.office import Office


def secrets_backend() -> KeySource:
    """Keys as Airflow variables: from the secrets backend that is configured, then the environment, then its database."""
    from airflow.sdk import Variable

    from talentpool.guard.sources import KeyLookup

    return KeyLookup(lambda name: Variable.get(name, default=None), "Airflow's secrets backend")


@contextmanager
def opened() -> Iterator[Office]:
    """A migrated database and checked keys, closed at the end; errors leave as Airflow's own."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    from talentpool.errors import StaleStageError, TalentpoolError, UnavailableError
    from talentpool.guard import install_redaction
    from talentpool.office import Office
    from talentpool.settings import Settings

    install_redaction()
    settings = Settings()
    try:
        source = secrets_backend() if settings.key_source == "airflow" else None
        with Office.opened(settings, source=source, keys=True) as office:
            yield office
    except (UnavailableError, StaleStageError) as error:
        raise put_off(str(error)) from None
    except TalentpoolError as error:
        raise stopped(str(error)) from None
    except (OperationalError, InterfaceError) as error:
        raise put_off(
            f"人才库数据库暂时连不上（{type(error.orig).__name__}），稍后自动重试；仍不行请联系运维人员"
        ) from None
