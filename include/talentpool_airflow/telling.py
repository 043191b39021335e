"""Send alerts by Airflow's notifiers: e-mail through a connection of type smtp, chats and webhooks through Apprise.

Where it goes stands outside of the code: the connection `alert_mail` (type smtp) and TALENTPOOL_ALERT_TO; the connection
`alert_hook` (type generic), in whose password stands an Apprise URL a line: wecombot://, dingtalk://, feishu://, json://,
jsons://. The second addresses are TALENTPOOL_ALERT_SECOND and `alert_hook_second`. Whatever is not set is no channel.
Tasks of DAGs and the watch (watch.py) call the same `send`.
"""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier, conf
from airflow.sdk.exceptions import AirflowException

from talentpool.services.alarm.letters import Letter
from talentpool.services.alarm.sending import SECOND, Round, UnsentError, send_due

if TYPE_CHECKING:
    from talentpool.office import Office
    from talentpool.settings import Settings

MAIL, HOOK, HOOK_SECOND = "alert_mail", "alert_hook", "alert_hook_second"
SERVICES = ("wecombot", "dingtalk", "feishu", "json", "jsons")
"""Of all that Apprise knows, what an office uses; others reach programs and devices of this machine."""
FAULTS = {
    ConnectionRefusedError: "连接被拒绝", TimeoutError: "没有回应", socket.gaierror: "找不到服务器",
    smtplib.SMTPAuthenticationError: "用户或口令不对", smtplib.SMTPRecipientsRefused: "收件地址被拒收",
    smtplib.SMTPResponseException: "内容被拒收", ssl.SSLError: "加密连接失败",
}  # fmt: skip
"""What is said of an error, in the words of whoever reads the page: the first kind that it is of."""
ADDRESS = re.compile(r"[^@\s,;，；、]+@[^@\s,;，；、]+")


class ByMail(BaseNotifier):
    """A letter by the mail server of the connection `alert_mail`. Nothing of it is a template: words are not code."""

    def __init__(self, to: list[str], told: Letter) -> None:
        super().__init__()
        self.to, self.told = to, told

    def notify(self, context: Any) -> None:  # noqa: ARG002
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        with SmtpHook(smtp_conn_id=MAIL) as server:
            server.send_email_smtp(to=self.to, subject=self.told.subject, html_content=self.told.html)


class ByHook(BaseNotifier):
    """A letter to a chat or a webhook, by its Apprise URL."""

    def __init__(self, url: str, told: Letter) -> None:
        super().__init__()
        self._url, self.told = url, told

    def notify(self, context: Any) -> None:  # noqa: ARG002
        import apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines name the URL, which is a secret
        asset = apprise.AppriseAsset(
            app_id="talentpool", app_desc="talentpool", app_url="", async_mode=False, secure_logging=True
        )
        tool = apprise.Apprise(asset=asset)
        if not tool.add(self._url):
            raise UnsentError("地址格式不对")
        if not tool.notify(title=self.told.subject, body=self.told.text, body_format=apprise.NotifyFormat.TEXT):
            raise UnsentError("对方没有接受")


@dataclass(frozen=True)
class MailChannel:
    """`name`: mail, or mail-second; mail2 for addresses that no mail server is handed, so that the others are told."""

    name: str
    to: tuple[str, ...]

    def send(self, told: Letter) -> None:
        if not "".join(self.to).isascii():
            setting = "ALERT_SECOND" if self.name.endswith(SECOND) else "ALERT_TO"
            raise UnsentError(f"{setting} 中有 {len(self.to)} 个收件地址含中文等字符，没有发给它们；请运维人员改正")
        try:
            ByMail(list(self.to), told).notify({})
        except AirflowException:  # its text may name the server
            raise UnsentError(f"没有可用的连接 {MAIL}") from None
        except (smtplib.SMTPException, OSError, RuntimeError) as error:
            words = next((said for kind, said in FAULTS.items() if isinstance(error, kind)), type(error).__name__)
            raise UnsentError(f"邮件服务器没有接受：{words}") from None


@dataclass(frozen=True)
class HookChannel:
    """`name`: hook/ and the service, numbered from the second of one on."""

    name: str
    url: str

    def send(self, told: Letter) -> None:
        try:
            ByHook(self.url, told).notify({})
        except (OSError, ValueError, TypeError) as error:
            raise UnsentError(f"没有送达（{type(error).__name__}）") from None


def channels(settings: Settings) -> list[MailChannel | HookChannel]:
    """All ways out that are set."""
    found: list[MailChannel | HookChannel] = []
    for ending, listed in (("", settings.alert_to), (SECOND, settings.alert_second)):
        to = ADDRESS.findall(listed)
        for name, part in (("mail", filter(str.isascii, to)), ("mail2", (one for one in to if not one.isascii()))):
            if some := tuple(part):
                found.append(MailChannel(f"{name}{ending}", some))
    return [*found, *_hooks(HOOK, ""), *_hooks(HOOK_SECOND, SECOND)]


def _hooks(conn_id: str, ending: str) -> Iterator[HookChannel]:
    """The URLs of a connection; none where there is no such connection."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        urls = (Connection.get(conn_id).password or "").split()
    except AirflowNotFoundException:
        return
    services = [url.partition("://")[0].lower() for url in urls]
    for place, (service, url) in enumerate(zip(services, urls, strict=True)):
        before = services[:place].count(service)
        name = f"hook/{service if service in SERVICES else 'unknown'}{before + 1 if before else ''}{ending}"
        yield HookChannel(name, url if service in SERVICES else "")


def send(office: Office) -> Round:
    """Send all that is due, by every way that is set."""
    from talentpool.office_day import today_in_office

    settings = office.settings
    return send_due(office, channels(settings), today_in_office(settings), datetime.now(UTC), site(settings))


def site(settings: Settings) -> str:
    """Where officers open the site, without a slash at the end."""
    return (settings.alert_url or conf.get("api", "base_url", fallback="http://127.0.0.1:8080")).rstrip("/")
