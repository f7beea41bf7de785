"""What may become of a call that sends a message. What counts is one question: can Twilio have taken the message?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outgoing:
    """A message as Twilio takes it: addresses as Twilio writes them (`whatsapp:+55…`), and a body, media or a template.

    `variables` is the JSON text of ContentVariables; `callback` the address for news about the message.
    """

    sender: str
    recipient: str
    body: str | None = None
    media_urls: tuple[str, ...] = ()
    content_sid: str | None = None
    variables: str | None = None
    callback: str | None = None


@dataclass(frozen=True)
class Accepted:
    """Twilio has taken it. `status` is its first status, usually 'queued' or 'accepted'."""

    sid: str
    status: str


@dataclass(frozen=True)
class Refused:
    """Twilio has not taken it and will not: `code` is its error code (see `errors`), if it gave one.

    `cause` holds nothing of Twilio's own text, which may repeat the contact's number.
    """

    code: int | None
    cause: str


@dataclass(frozen=True)
class Deferred:
    """Twilio cannot have taken it: it was not reached, or turned the call away. A later try may work."""

    cause: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class Unknown:
    """The answer was lost, or makes no sense: Twilio may have taken it, so it must not be sent again by itself."""

    cause: str


Outcome = Accepted | Refused | Deferred | Unknown
