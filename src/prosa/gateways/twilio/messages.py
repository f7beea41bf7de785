"""Sending by Twilio's Programmable Messaging API, through its official client.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

import json
import sys
from typing import Protocol
from uuid import uuid4

from prosa.gateways.twilio.client import TooManyRequests, client
from prosa.gateways.twilio.model import CONSOLE, Account
from prosa.gateways.twilio.outcomes import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown


class Messenger(Protocol):
    """Sends a message. Never raises: whatever happens is one of the outcomes."""

    def __call__(self, account: Account, message: Outgoing) -> Outcome: ...


def send(account: Account, message: Outgoing) -> Outcome:
    """Send by Twilio, once: the client repeats nothing by itself."""
    try:
        made = client(account).messages.create(**_arguments(account, message))
    except Exception as error:  # the network fails in more ways than one can list; none may lead to a repeated message
        return failure(error)
    return (
        Accepted(made.sid, str(made.status or "queued")) if made.sid else Unknown("Twilio's answer names no message.")
    )


def failure(error: Exception) -> Outcome:
    """What a failed call means for its message. Whatever leaves a doubt counts as unknown."""
    from twilio.base.exceptions import TwilioRestException, TwilioServiceException  # noqa: PLC0415  (slow to import)

    if isinstance(error, TooManyRequests):
        return Deferred("Twilio answered 429 (too many requests).", error.retry_after_seconds)
    if isinstance(error, TwilioRestException | TwilioServiceException) and error.status < 500:
        return Refused(error.code or None, f"Twilio answered {error.status}.")
    if never_connected(error):
        return Deferred(f"Twilio was not reached: {type(error).__name__}.")
    return Unknown(f"The call to Twilio broke: {getattr(error, 'status', type(error).__name__)}.")


def to_console(account: Account, message: Outgoing) -> Outcome:
    """Write the message to standard output instead of sending it, for development without an account.

    It is given a SID, which `prosa twilio simulate --status` can name.
    """
    sid = f"SM{uuid4().hex}"
    shown = {"sid": sid, "from": message.sender, "to": message.recipient, "body": message.body, "media": message.media_urls,
             "template": message.content_sid, "variables": message.variables}  # fmt: skip
    sys.stdout.write(json.dumps({name: value for name, value in shown.items() if value}, ensure_ascii=False) + "\n")
    return Accepted(sid, "sent")


def messenger(base_url: str | None) -> Messenger:
    """The way to send that TWILIO_API_BASE_URL asks for."""
    return to_console if base_url == CONSOLE else send


def never_connected(error: BaseException) -> bool:
    """Whether the request cannot have reached Twilio: no connection was made, so nothing was written to one."""
    import ssl  # noqa: PLC0415

    from requests.exceptions import ConnectTimeout  # noqa: PLC0415
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415

    before = (ConnectTimeout, ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, before):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _arguments(account: Account, message: Outgoing) -> dict[str, object]:
    """The fields of the call. A template goes without a body: its text is Twilio's."""
    template = message.content_sid is not None
    fields: dict[str, object | None] = {
        "from_": message.sender,
        "to": message.recipient,
        "messaging_service_sid": account.messaging_service_sid,
        "body": None if template else message.body or None,
        "media_url": None if template else list(message.media_urls) or None,
        "content_sid": message.content_sid,
        "content_variables": message.variables if template else None,
        "status_callback": message.callback,
    }
    return {name: value for name, value in fields.items() if value is not None}
