"""Make and send the letters to partners that are due: by SFTP, or as a mail through the smtp provider. Counts alone."""

from __future__ import annotations

import html
import smtplib
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talentpool_airflow.border import opened

if TYPE_CHECKING:
    from talentpool.services.letters import Post


def sweep() -> dict[str, Any]:
    """One round over all partners. What was not taken is on record, tried again and told by an alert; it fails nothing."""
    from talentpool.office_day import today_in_office
    from talentpool.services.letters import Outside, send_due
    from talentpool_airflow.connections import connection

    with opened() as office:
        outside = Outside(connection, mail)
        return send_due(office, outside, today_in_office(office.settings), datetime.now(UTC)).as_json()


def mail(post: Post) -> None:
    """Send a letter with its sealed file by the mail server of a connection of type smtp. Nothing of it is a template. The same
    letter has the same id, so that one that went twice shows once."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook
    from airflow.sdk.exceptions import AirflowException

    from talentpool.services.alarm.sending import UnsentError
    from talentpool_airflow.telling import FAULTS

    with tempfile.TemporaryDirectory(prefix="letter-") as folder:
        path = Path(folder) / post.name
        path.write_bytes(post.content)  # sealed
        try:
            with SmtpHook(smtp_conn_id=post.connection) as server:
                server.send_email_smtp(
                    to=[post.to], subject=post.subject, html_content=f"<p>{html.escape(post.text)}</p>", files=[str(path)],
                    custom_headers={"Message-ID": post.message_id},
                )  # fmt: skip
        except AirflowException:  # its text may name the server
            raise UnsentError("没有可用的邮件连接") from None
        except (smtplib.SMTPException, OSError, RuntimeError) as error:
            words = next((said for kind, said in FAULTS.items() if isinstance(error, kind)), type(error).__name__)
            raise UnsentError(f"邮件服务器没有接受：{words}") from None
