"""Fetching a file that Twilio keeps: from its hosts only, within limits of size and kind.

A webhook's media URL is signed, so it is what Twilio wrote; it is checked all the same, so that no mistake upstream makes
us send credentials, or requests, anywhere else (docs/domain.md, rule 25). Twilio answers with a redirect to its storage, which
is followed without credentials.
"""

import base64
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore

from prosa.errors import ProsaError
from prosa.gateways.deadline import Deadline, tls
from prosa.gateways.twilio.client import moved
from prosa.gateways.twilio.model import Account, TwilioUnreachable

# Bytes; it is WhatsApp's own limit: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
LARGEST = 16 * 1024 * 1024
SECONDS = 60.0  # for the whole file, with its redirects
SILENCE = dict.fromkeys(("connect", "read", "write"), 15.0)  # seconds
REDIRECTS = 3
PIECE = 1024 * 1024  # bytes decompressed at a time
Headers = dict[bytes | str, bytes | str]
PLAIN: Headers = {"Accept-Encoding": "identity"}  # else a host may choose any encoding (RFC 9110, 12.5.3)
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # told apart by zlib itself
MOVED = (301, 302, 303, 307, 308)
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
    if account.is_console:
        raise Refused("Nothing is asked of Twilio here, so no file is fetched.")
    deadline = Deadline(time.monotonic() + SECONDS)
    with httpcore.ConnectionPool(ssl_context=tls(), network_backend=deadline) as pool:
        for _ in range(REDIRECTS + 1):
            try:
                target, headers = _target(account, url)
                with pool.stream("GET", target, headers=headers, extensions={"timeout": SILENCE}) as answer:
                    location = _header(answer, b"location")
                    if answer.status not in MOVED or not location:
                        return _read(answer)
                    url = urljoin(target, location)
            except ValueError:
                raise Refused("The file's address cannot be read.") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
                raise TwilioUnreachable(f"The file could not be fetched: {type(error).__name__}.") from None
    raise Refused("Too many redirects.")


def _target(account: Account, url: str) -> tuple[str, Headers]:
    """Where to fetch this URL from, and with which headers. Raises Refused for a host that is not Twilio's."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if account.base_url is not None and (is_below(host, CREDENTIALS_FOR) or url.startswith(f"{account.base_url}/")):
        return moved(url, account.base_url), _credentials(account)
    if parts.scheme != "https" or parts.port not in (None, 443) or parts.username is not None:
        raise Refused("Not an https address of Twilio's.")
    if not is_below(host, STORAGE):
        raise Refused("Not a host of Twilio's.")
    return url, _credentials(account) if is_below(host, CREDENTIALS_FOR) else PLAIN


def _credentials(account: Account) -> Headers:
    return {**PLAIN, "Authorization": f"Basic {base64.b64encode(f'{account.sid}:{account.token}'.encode()).decode()}"}


def is_below(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of these domains or stands below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def is_taken(content_type: str) -> bool:
    """Whether files of this kind are kept: pictures, sound, film and documents, but nothing that a browser would run."""
    kind = content_type.partition(";")[0].strip().lower()
    return (kind.startswith(KINDS) or kind in DOCUMENTS) and kind not in SCRIPTED


def _read(answer: httpcore.Response) -> File:
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise TwilioUnreachable(f"The file's host answered {answer.status}.")
    if answer.status != 200:
        raise Refused(f"The file's host answered {answer.status}.")
    content_type = _header(answer, b"content-type")
    if not is_taken(content_type):
        raise Refused("Files of this kind are not kept.")
    data = bytearray()
    for piece in _decoded(answer):
        data += piece
        if len(data) > LARGEST:
            raise Refused(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    return File(bytes(data), content_type.partition(";")[0].strip().lower())


def _decoded(answer: httpcore.Response) -> Iterator[bytes]:
    """The file's own bytes, decompressed if the storage sends it compressed; in small steps, since it may grow to any size."""
    encoding = _header(answer, b"content-encoding").strip().lower()
    if encoding in ("", "identity"):
        yield from answer.iter_stream()
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("The file comes in an encoding that is not known.")
    decoder = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        for chunk in answer.iter_stream():
            waiting = chunk
            while waiting:
                yield decoder.decompress(waiting, PIECE)
                waiting = decoder.unconsumed_tail
        yield decoder.flush()
    except zlib.error:
        raise Refused("The file is damaged: it is not in the encoding that it claims.") from None
    if not decoder.eof:
        raise TwilioUnreachable("The file ended early.")


def _header(answer: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in answer.headers if key.lower() == name), "")
