"""Fetching a file that Twilio keeps: from its hosts only, within limits of size and kind.

A webhook's media URL is signed, so it is what Twilio wrote; it is checked all the same, so that no mistake upstream makes
us send credentials, or requests, anywhere else (DOMAIN.md, rule 25). Twilio answers with a redirect to its storage, which
is followed without credentials.
"""

import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from prosa.errors import ProsaError
from prosa.gateways.twilio.client import moved
from prosa.gateways.twilio.model import Account, TwilioUnreachable

LARGEST = (
    16 * 1024 * 1024
)  # bytes; WhatsApp's own limit, https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
SECONDS = 60.0  # for the whole file
REDIRECTS = 3
CREDENTIALS_FOR = ("twilio.com",)  # and hosts below it
STORAGE = ("twilio.com", "twiliocdn.com", "amazonaws.com")
KINDS = ("image/", "audio/", "video/")
DOCUMENTS = frozenset({
    "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text/plain", "text/csv", "text/vcard", "text/x-vcard", "application/ogg",
})  # fmt: skip
SCRIPTED = frozenset({"image/svg+xml"})  # may run in a browser


class Refused(ProsaError):
    """This file is not taken; trying again would not help. The message says why."""


@dataclass(frozen=True)
class File:
    """A fetched file, and its kind as its host says."""

    data: bytes
    content_type: str


def fetch(account: Account, url: str) -> File:
    """The file at a media URL. Raises Refused, and TwilioUnreachable where another try may succeed."""
    deadline = time.monotonic() + SECONDS
    with httpx.Client(timeout=15, trust_env=False) as client:
        for _ in range(REDIRECTS + 1):
            try:
                target, auth = _target(account, url)
                with client.stream("GET", target, auth=auth) as answer:
                    if not answer.has_redirect_location:
                        return _read(answer, deadline)
                    url = urljoin(target, answer.headers["location"])
            except (httpx.InvalidURL, ValueError):
                raise Refused("The file's address cannot be read.") from None
            except httpx.HTTPError as error:
                raise TwilioUnreachable(f"The file could not be fetched: {type(error).__name__}.") from None
    raise Refused("Too many redirects.")


def _target(account: Account, url: str) -> tuple[str, tuple[str, str] | None]:
    """Where to go for this URL, and with which credentials. Raises Refused for a host that is not Twilio's."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if account.base_url is not None and (is_below(host, CREDENTIALS_FOR) or url.startswith(f"{account.base_url}/")):
        return moved(url, account.base_url), (account.sid, account.token)
    if parts.scheme != "https" or parts.port not in (None, 443) or parts.username is not None:
        raise Refused("Not an https address of Twilio's.")
    if not is_below(host, STORAGE):
        raise Refused("Not a host of Twilio's.")
    return url, (account.sid, account.token) if is_below(host, CREDENTIALS_FOR) else None


def is_below(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of these domains or stands below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def is_taken(content_type: str) -> bool:
    """Whether files of this kind are kept: pictures, sound, film and documents, nothing that a browser would run."""
    kind = content_type.partition(";")[0].strip().lower()
    return (kind.startswith(KINDS) or kind in DOCUMENTS) and kind not in SCRIPTED


def _read(answer: httpx.Response, deadline: float) -> File:
    if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
        raise TwilioUnreachable(f"The file's host answered {answer.status_code}.")
    if answer.status_code != 200:
        raise Refused(f"The file's host answered {answer.status_code}.")
    content_type = answer.headers.get("content-type", "")
    if not is_taken(content_type):
        raise Refused("Files of this kind are not kept.")
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > LARGEST:
            raise Refused(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
        if time.monotonic() > deadline:
            raise TwilioUnreachable("The file came too slowly.")
    return File(bytes(data), content_type.partition(";")[0].strip().lower())
