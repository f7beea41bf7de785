"""E-mail over SMTP, where the installation names a server (SMTP_HOST)."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from prosa.errors import Unavailable
from prosa.settings import Settings

SECONDS = 20  # for each answer of the server


@dataclass(frozen=True)
class Attachment:
    """A file that travels along. `type` is a media type: application/pdf."""

    name: str
    content: bytes
    type: str


@dataclass(frozen=True)
class Mail:
    """One message: plain text always, HTML for those who can show it."""

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def is_configured(settings: Settings) -> bool:
    """Whether e-mail can be sent at all."""
    return settings.smtp_host is not None


def send(settings: Settings, mail: Mail) -> None:
    """Hand one message to the server. Raises Unavailable with the server's answer."""
    if settings.smtp_host is None:
        raise Unavailable("No e-mail server is named: set SMTP_HOST.")
    message = _message(mail, settings.mail_from or f"Prosa <prosa@{settings.smtp_host}>")
    try:
        with _connect(settings, settings.smtp_host) as server:
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"The e-mail server did not take the message: {error}") from error


def _connect(settings: Settings, host: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, settings.smtp_port, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, settings.smtp_port, timeout=SECONDS)
    if settings.smtp_security == "starttls":
        server.starttls(context=context)
    return server


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"], message["Message-ID"] = formatdate(localtime=False), make_msgid(domain="prosa")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for file in mail.attachments:
        main, _, sub = file.type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message
