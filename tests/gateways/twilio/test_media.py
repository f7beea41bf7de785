"""Files are fetched from Twilio's hosts only, with credentials for those alone, within limits."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosa.gateways.twilio import media
from prosa.gateways.twilio.media import Refused
from prosa.gateways.twilio.model import Account, TwilioUnreachable

Answer = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """A host that answers as it is told, and notes what it was sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.pause = 0.0  # seconds between two bytes
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.seen.append((self.path, self.headers.get("Authorization")))
                status, headers, body = host.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in [body] if not host.pause else [body[i : i + 1] for i in range(len(body))]:
                        self.wfile.write(piece)
                        time.sleep(host.pause)
                except OSError:  # the other side had enough
                    return

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.account = Account("AC" + "0" * 32, "token", base_url=self.url)


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    threading.Thread(target=host.server.serve_forever, daemon=True).start()
    yield host
    host.server.shutdown()


def test_a_file_is_fetched_with_the_accounts_credentials(host: Host) -> None:
    host.answers["/2010/Media/ME1"] = (200, {"Content-Type": "image/jpeg; charset=binary"}, b"jpeg")
    fetched = media.fetch(host.account, "https://api.twilio.com/2010/Media/ME1")
    assert (fetched.data, fetched.content_type) == (b"jpeg", "image/jpeg")
    assert host.seen[0][1] is not None


@pytest.mark.parametrize(
    ("status", "kind", "body", "problem"),
    [
        (200, "image/jpeg", b"x" * (media.LARGEST + 1), "larger than 16 MB"),
        (200, "text/html", b"<script>", "not kept"),
        (200, "image/svg+xml", b"<svg/>", "not kept"),
        (404, "image/jpeg", b"", "answered 404"),
    ],
)
def test_what_is_too_large_or_of_another_kind_is_refused(
    host: Host, status: int, kind: str, body: bytes, problem: str
) -> None:
    host.answers["/f"] = (status, {"Content-Type": kind}, body)
    with pytest.raises(Refused, match=problem):
        media.fetch(host.account, "https://api.twilio.com/f")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_file_that_comes_compressed_is_kept_as_it_is_and_limited_by_its_own_size(
    host: Host, pack: Callable[[bytes], bytes]
) -> None:
    """Nobody asked for it (what was asked for is `identity`), but a storage may keep a file so."""
    coding = "gzip" if pack is gzip.compress else "deflate"
    host.answers["/f"] = (200, {"Content-Type": "image/jpeg", "Content-Encoding": coding}, pack(b"jpeg" * 500_000))
    assert media.fetch(host.account, "https://api.twilio.com/f").data == b"jpeg" * 500_000
    host.answers["/bomb"] = (
        200,
        {"Content-Type": "image/jpeg", "Content-Encoding": coding},
        pack(bytes(media.LARGEST + 1)),
    )
    with pytest.raises(Refused, match="larger than 16 MB"):
        media.fetch(host.account, "https://api.twilio.com/bomb")


@pytest.mark.parametrize(
    ("coding", "body", "error"),
    [
        ("gzip", b"jpeg", Refused), ("gzip", gzip.compress(b"jpeg" * 99)[:-9], TwilioUnreachable), ("br", b"x", Refused),
        ("gzip, gzip", b"x", Refused),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_is_not_kept(host: Host, coding: str, body: bytes, error: type[Exception]) -> None:
    host.answers["/f"] = (200, {"Content-Type": "image/jpeg", "Content-Encoding": coding}, body)
    with pytest.raises(error):
        media.fetch(host.account, "https://api.twilio.com/f")


def test_an_outage_of_the_host_is_tried_again(host: Host) -> None:
    host.answers["/f"] = (503, {}, b"")
    with pytest.raises(TwilioUnreachable):
        media.fetch(host.account, "https://api.twilio.com/f")


def test_a_file_that_trickles_without_end_is_left_at_the_deadline(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "SECONDS", 0.3)
    host.pause = 0.05  # no single wait is long
    host.answers["/f"] = (200, {"Content-Type": "image/jpeg"}, b"x" * 100)
    with pytest.raises(TwilioUnreachable, match="Timeout"):
        media.fetch(host.account, "https://api.twilio.com/f")


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:1/x", "https://169.254.169.254/latest", "https://eviltwilio.com/", "file:///etc/passwd"]
)
def test_a_redirect_to_somebody_else_is_not_followed(host: Host, to: str) -> None:
    host.answers["/f"] = (307, {"Location": to}, b"")
    with pytest.raises(Refused):
        media.fetch(host.account, "https://api.twilio.com/f")


def test_redirects_without_end_are_left(host: Host) -> None:
    host.answers["/f"] = (307, {"Location": f"{host.url}/f"}, b"")
    with pytest.raises(Refused, match="redirects"):
        media.fetch(host.account, "https://api.twilio.com/f")
    assert len(host.seen) == media.REDIRECTS + 1


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/f", "https://api.twilio.com:8443/f", "https://user:pass@api.twilio.com/f",
        "https://api.twilio.com.evil.com/f", "https://eviltwilio.com/f", "https://127.0.0.1/f", "ftp://api.twilio.com/f",
        "https://localhost/f", "https://[::1]/f", "//api.twilio.com/f", "",
        "https://[api.twilio.com/f", "https://api.twilio.com:99999/f",
    ],
)  # fmt: skip
def test_only_twilios_own_addresses_are_asked(url: str) -> None:
    with pytest.raises(Refused):
        media.fetch(Account("AC" + "0" * 32, "token"), url)


@given(st.text("abc.", max_size=20))
def test_a_host_is_twilios_only_below_its_domain(name: str) -> None:
    assert media.is_below(f"{name}.twilio.com", ("twilio.com",))
    assert not media.is_below(f"{name}twilio.com.br", ("twilio.com",))
    assert media.is_below(f"{name}twilio.com", ("twilio.com",)) == (name == "" or name.endswith("."))
