"""Twilio's side of a webhook, to try one's own server without an account: forms, signatures, and files to fetch."""

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from prosa.errors import Invalid, Unavailable

API = "https://api.twilio.com/2010-04-01"


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    text: str


@dataclass(frozen=True)
class ContactMessage:
    """What a contact sends: `contact` and `ours` are numbers without a prefix, `location` is latitude and longitude.

    `button` is the text of the button that the contact taps, `ad_id` the advertisement that the contact comes from.
    """

    contact: str
    ours: str
    body: str
    channel: str = "whatsapp"
    profile_name: str = ""
    button: str = ""
    location: tuple[float, float] | None = None
    ad_id: str = ""
    media: Sequence[Path] = ()


def new_sid(prefix: str) -> str:
    """A SID as Twilio makes them: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def message_form(account_sid: str, message: ContactMessage) -> dict[str, str]:
    """The form of a contact's message. Files are named as Twilio's API would name them."""
    prefix = "whatsapp:" if message.channel == "whatsapp" else ""
    sid = new_sid("MM" if message.media else "SM")
    form = {
        "MessageSid": sid, "SmsMessageSid": sid, "AccountSid": account_sid,
        "From": prefix + message.contact, "To": prefix + message.ours, "Body": message.body,
        "NumMedia": str(len(message.media)), "ProfileName": message.profile_name, "ButtonText": message.button,
        "ReferralSourceId": message.ad_id, "ReferralSourceType": "ad" if message.ad_id else "",
        "ReferralCtwaClid": secrets.token_urlsafe(16) if message.ad_id else "",
    }  # fmt: skip
    if message.location:
        latitude, longitude = message.location
        form |= {"Latitude": str(latitude), "Longitude": str(longitude)}
    for position, path in enumerate(message.media):
        form[f"MediaUrl{position}"] = f"{API}/Accounts/{account_sid}/Messages/{sid}/Media/{position}"
        form[f"MediaContentType{position}"] = _kind(path)
    return {name: value for name, value in form.items() if value or name == "Body"}


def status_form(
    account_sid: str, *, message_sid: str, status: str, contact: str, ours: str, error_code: int | None = None
) -> dict[str, str]:
    """The form of a status callback about a WhatsApp message of ours."""
    form = {
        "MessageSid": message_sid, "SmsSid": message_sid, "AccountSid": account_sid, "MessageStatus": status,
        "From": f"whatsapp:{ours}", "To": f"whatsapp:{contact}",
    }  # fmt: skip
    return form if error_code is None else form | {"ErrorCode": str(error_code)}


def post(server_url: str, signed_url: str, form: Mapping[str, str], token: str) -> Answer:
    """Send a form to `server_url`, signed for `signed_url`, its public address. Raises Unavailable."""
    from twilio.request_validator import RequestValidator  # noqa: PLC0415  (slow to import)

    signature = RequestValidator(token).compute_signature(signed_url, form)
    try:
        answer = httpx.post(
            server_url, data=form, headers={"X-Twilio-Signature": signature}, timeout=15, trust_env=False
        )
    except httpx.HTTPError as error:
        raise Unavailable(f"{server_url} does not answer ({type(error).__name__}). Is Prosa running?") from None
    return Answer(answer.status_code, answer.text)


@contextmanager
def serving(files: Sequence[Path], base_url: str | None) -> Iterator[threading.Semaphore]:
    """Serve the files where Twilio's API would, at TWILIO_API_BASE_URL. Yields what is released at each fetch."""
    parts = urlsplit(base_url or "")
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost") or not parts.port:
        raise Invalid(
            "To try files, set TWILIO_API_BASE_URL=http://127.0.0.1:9999 for Prosa and for this command: "
            "the files are then fetched from here."
        )
    fetched = threading.Semaphore(0)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", parts.port), partial(_Files, files, fetched))
    except OSError as error:
        raise Invalid(
            f"The files cannot be served at TWILIO_API_BASE_URL, port {parts.port}: {error.strerror}. Is it an emulator's?"
        ) from None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield fetched
    finally:
        server.shutdown()
        server.server_close()


class _Files(BaseHTTPRequestHandler):
    """GET …/Media/N answers with the file N."""

    def __init__(self, files: Sequence[Path], fetched: threading.Semaphore, *args: object) -> None:
        self._files, self._fetched = files, fetched
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if not name.isdecimal() or int(name) >= len(self._files):
            return self.send_error(404)
        path = self._files[int(name)]
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", _kind(path))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self._fetched.release()
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command itself tells what was fetched."""


def _kind(path: Path) -> str:
    return guess_type(path.name)[0] or "application/octet-stream"
