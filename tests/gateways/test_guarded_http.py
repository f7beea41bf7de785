"""No address that a tenant chose leads into our own network."""

import ipaddress
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from tests.receiver import Receiver, receiving

from prosa.errors import Invalid
from prosa.gateways import guarded_http, public_addresses
from prosa.gateways.guarded_http import check_url, post
from prosa.gateways.public_addresses import ForbiddenAddress, NoAnswer, is_public

PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
           "224.0.0.1", "255.255.255.255", "::1", "::", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
           "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a9fe:a9fe", "2001:db8::1", "192.0.0.192", "168.63.129.16"]  # fmt: skip


@pytest.fixture
def receiver() -> Any:
    """A receiver of this test's own."""
    with receiving() as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What host names stand for; a look-up of another name is an error."""
    known: dict[str, list[str]] = {}

    monkeypatch.setattr(public_addresses, "resolve", lambda host, _: [ipaddress.ip_address(a) for a in known[host]])
    return known


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_public_internet_is_forbidden(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "200.147.3.157", "2800:3f0:4001::1", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254"])
def test_a_name_that_stands_for_a_private_address_is_not_connected_to(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    names["inside.example.com"] = ["93.184.216.34", address]  # one of several is enough
    monkeypatch.setattr(guarded_http.httpcore.SyncBackend, "connect_tcp", _never)
    with pytest.raises(ForbiddenAddress):
        post("https://inside.example.com/", b"", headers={})


def test_the_connection_goes_to_the_address_that_was_checked(
    names: dict[str, list[str]], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up of the name could say something else (DNS rebinding): there is none."""
    names["hook.example.com"] = ["127.0.0.1"]
    assert post(receiver.url.replace("127.0.0.1", "hook.example.com"), b"{}", headers={}, loopback=True).status == 200
    assert receiver.requests[0][1]["host"].startswith("hook.example.com:")
    names["hook.example.com"] = ["8.8.8.8"]
    asked: list[str] = []
    monkeypatch.setattr(guarded_http.httpcore.SyncBackend, "connect_tcp", lambda _, host, *rest: asked.append(host))
    with pytest.raises(AttributeError):  # nothing came of the connection; what matters is where it went
        post("https://hook.example.com/", b"", headers={})
    assert asked == ["8.8.8.8"]


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://", "https:///x", "https://user:pw@example.com/", "//example.com",
     "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\n", "https://example.com/#x",
     "https://[::1", "https://é.example.com/", "https://example.com/" + "a" * 2048, "file:///etc/passwd", ""],
)  # fmt: skip
def test_what_is_no_public_https_url_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://10.0.0.1:8443/x"]
)
def test_a_private_address_in_the_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        check_url(url)


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(NoAnswer):
        post(f"https://{host}/", b"", headers={})


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": f"{receiver.url}/other"}
    assert post(f"{receiver.url}/hook", b"{}", headers={}, loopback=True).status == 307
    assert [path for path, _, _ in receiver.requests] == ["/hook"]


def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    def long(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"x" * 200_000)

    receiver.answer = long
    assert len(post(receiver.url, b"{}", headers={}, loopback=True).body) == guarded_http.LARGEST_ANSWER


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_one_deadline_bounds_the_whole_exchange(receiver: Receiver, drips: bytes) -> None:
    """Whoever sends a byte now and then does not keep a worker for ever."""

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(drips)
        for _ in range(40):
            request.wfile.write(b"a")
            time.sleep(0.05)

    receiver.answer = drip
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        post(receiver.url, b"{}", headers={}, loopback=True, seconds=0.3)
    assert time.monotonic() - started < 1.5


def test_a_certificate_that_nobody_trusts_is_refused(receiver: Receiver) -> None:
    with pytest.raises(NoAnswer):
        post(receiver.url.replace("http:", "https:"), b"{}", headers={}, loopback=True)


def _never(*_: object, **__: object) -> None:
    raise AssertionError("a connection was opened")
