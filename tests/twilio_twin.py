"""A twin of Twilio on this machine: it takes messages as Twilio does, fails as Twilio does, and signs its callbacks.

Point `Account.base_url` at `twin.url`. Faults are scripted, one a call: `twin.faults.append(Fault.DROPPED)`. A contact in
`twin.outside_window` fails free text as Twilio does: accepted first, then failed with 63016 by a callback.
"""

import base64
import json
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from twilio.request_validator import RequestValidator

ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}|whatsapp:[A-Z]{2}\.[A-Za-z0-9]{1,128}")
CONTENT_SID = re.compile(r"HX[0-9a-f]{32}")
RETRY_AFTER_SECONDS = 7


class Fault(Enum):
    """How a call goes wrong."""

    TOO_MANY = "429 with Retry-After; not taken"
    UNAVAILABLE = "503; nobody knows whether it was taken; it was"
    SILENT = "taken, and never answered"
    DROPPED = "taken, and the connection closed without an answer"
    NONSENSE = "taken, and answered with something that is no message"
    UNSUBSCRIBED = "400, 21610: the contact opted out at Twilio"


@dataclass(frozen=True)
class Taken:
    """A message that Twilio has taken, with the fields of the call."""

    sid: str
    account_sid: str
    fields: dict[str, str]


@dataclass(frozen=True)
class News:
    """A signed status callback: what is posted where."""

    url: str
    form: dict[str, str]
    signature: str

    def post(self, base: str | None = None) -> httpx.Response:
        """Deliver it, to another server than the one it is signed for where `base` is given."""
        parts = urlsplit(self.url)
        url = self.url if base is None else f"{base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return httpx.post(url, data=self.form, headers={"X-Twilio-Signature": self.signature}, timeout=30)


@dataclass
class Twin:
    """What the twin knows, and what it was told to do."""

    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)  # auth token by account SID
    taken: list[Taken] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    outside_window: set[str] = field(default_factory=set)
    templates: list[dict[str, Any]] = field(default_factory=list)  # as the Content API shows them
    released: threading.Event = field(default_factory=threading.Event)  # ends the silence of silent calls

    def news(self, message: Taken, status: str, *, error_code: int | None = None, url: str | None = None) -> News:
        """The callback that tells this status, to the address that the message named (or `url`)."""
        url = url or message.fields["StatusCallback"]
        form = {
            "MessageSid": message.sid, "SmsSid": message.sid, "MessageStatus": status, "SmsStatus": status,
            "To": message.fields["To"], "From": message.fields.get("From", ""), "AccountSid": message.account_sid,
            "ApiVersion": "2010-04-01", **({"ErrorCode": str(error_code)} if error_code else {}),
        }  # fmt: skip
        signature = RequestValidator(self.tokens[message.account_sid]).compute_signature(url, form)
        return News(url, form, signature)

    def story(self, message: Taken) -> list[News]:
        """What Twilio goes on to tell about a message, in order. There is no callback for the first status."""
        if message.fields["To"] in self.outside_window and "ContentSid" not in message.fields:
            return [self.news(message, "failed", error_code=63016)]
        return [self.news(message, status) for status in ("sent", "delivered", "read")]


@pytest.fixture
def twilio_twin() -> Iterator[Twin]:
    """A running twin that knows no account yet: `twin.tokens[sid] = token`."""
    twin = Twin()

    class Bound(Handler):
        knows = twin

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    twin.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield twin
    twin.released.set()
    server.shutdown()
    server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request to the twin."""

    knows: Twin

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        account = self._account()
        if account is None or self.path != f"/2010-04-01/Accounts/{account}/Messages.json":
            return self._error(401, 20003, "Authenticate") if account is None else self._error(404, 20404, "Not found")
        fault = self.knows.faults.popleft() if self.knows.faults else None
        if fault is Fault.TOO_MANY:
            return self._error(429, 20429, "Too Many Requests", {"Retry-After": str(RETRY_AFTER_SECONDS)})
        if fault is Fault.UNSUBSCRIBED:
            return self._error(400, 21610, "Attempt to send to unsubscribed recipient")
        if wrong := mistake(fields):
            return self._error(400, *wrong)
        taken = Taken("SM" + secrets.token_hex(16), account, fields)
        self.knows.taken.append(taken)
        return self._answer(taken, fault)

    def do_GET(self) -> None:
        account = self._account()
        path = urlsplit(self.path).path
        if account is None:
            self._error(401, 20003, "Authenticate")
        elif path == "/v1/ContentAndApprovals":
            page = {"meta": {"key": "contents", "next_page_url": None}, "contents": self.knows.templates}
            self._json(200, page)
        elif path == f"/2010-04-01/Accounts/{account}.json":
            self._json(200, {"sid": account, "friendly_name": "Twin", "status": "active", "owner_account_sid": account})
        else:
            self._error(404, 20404, "Not found")

    def log_message(self, *_: object) -> None:
        """Silent."""

    def _account(self) -> str | None:
        """The account whose credentials the call carries."""
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        sid, _, token = base64.b64decode(encoded).decode().partition(":") if scheme == "Basic" else ("", "", "")
        return sid if sid and self.knows.tokens.get(sid) == token else None

    def _answer(self, taken: Taken, fault: Fault | None) -> None:
        if fault is Fault.SILENT:
            self.knows.released.wait(60)
        elif fault is Fault.DROPPED:
            self.close_connection = True
        elif fault is Fault.UNAVAILABLE:
            self._error(503, 20503, "Service unavailable")
        elif fault is Fault.NONSENSE:
            self._send(201, b"<html>ok</html>")
        else:
            number = {"sid": taken.sid, "account_sid": taken.account_sid, "status": "queued", "error_code": None}
            self._json(201, {**number, "to": taken.fields["To"], "from": taken.fields.get("From")})

    def _error(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._json(status, {"code": code, "message": message, "more_info": more, "status": status}, headers)

    def _json(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(content).encode(), headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def mistake(fields: dict[str, str]) -> tuple[int, str] | None:
    """Twilio's code and words for a call that it refuses at once."""
    content = fields.get("ContentSid")
    variables = fields.get("ContentVariables", "{}")
    rules: Sequence[tuple[bool, int, str]] = (
        ("To" not in fields, 21604, "A 'To' phone number is required."),
        (not ADDRESS.fullmatch(fields.get("To", "")), 21211, "Invalid 'To' Phone Number"),
        (not {"From", "MessagingServiceSid"} & fields.keys(), 21603, "A 'From' phone number is required."),
        (not {"Body", "MediaUrl", "ContentSid"} & fields.keys(), 21602, "Message body is required."),
        (len(fields.get("Body", "")) > 1600, 21617, "The concatenated message body exceeds the 1600 character limit."),
        (content is not None and not CONTENT_SID.fullmatch(content), 21655, "The ContentSid is Invalid"),
        (not _is_object_of_texts(variables), 21656, "The ContentVariables Parameter is invalid"),
    )  # fmt: skip
    return next(((code, words) for wrong, code, words in rules if wrong), None)


def wait_for(condition: Any, seconds: float = 10) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def _is_object_of_texts(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
