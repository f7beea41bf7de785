"""A connection string that a company named leads to the public internet, whatever its name stands for later."""

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from psycopg.conninfo import conninfo_to_dict

from prosa.errors import Invalid, Unavailable
from prosa.gateways.chatwoot import connecting, time_limit
from prosa.gateways.chatwoot.connecting import only_public, pinned
from prosa.gateways.chatwoot.errors import PrivateHost
from prosa.gateways.chatwoot.reader import read
from prosa.gateways.chatwoot.time_limit import TookTooLong

DSN = "postgresql://reader:p%40ss@db.example.com:5433/chatwoot"


@pytest.fixture
def stands_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that every name stands for: the tests' own look-up of names."""
    addresses: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return addresses


def test_a_connection_goes_to_the_addresses_that_were_checked(stands_for: list[str]) -> None:
    stands_for += ["93.184.216.34", "2606:4700::1111"]
    where = conninfo_to_dict(pinned(DSN))
    assert (where["host"], where["hostaddr"]) == ("db.example.com,db.example.com", "93.184.216.34,2606:4700::1111")
    assert (where["port"], where["user"], where["password"], where["dbname"]) == ("5433", "reader", "p@ss", "chatwoot")


def test_one_inner_address_among_them_refuses_all(stands_for: list[str]) -> None:
    stands_for += ["93.184.216.34", "10.0.0.5"]
    with pytest.raises(PrivateHost, match="not on the public internet"), read(only_public(DSN)):
        pass


def test_the_operators_own_connection_string_leads_anywhere() -> None:
    with pytest.raises(Unavailable) as found, read("postgresql://reader@127.0.0.1:1/chatwoot"):
        pass
    assert not isinstance(found.value, PrivateHost)


def test_a_host_that_does_not_exist_is_named_without_numbers_for_programs() -> None:
    with pytest.raises(Unavailable, match=r"cannot be reached: .*'no-such-host\.invalid'") as refused, \
         read("postgresql://reader:secret@no-such-host.invalid/chatwoot"):  # fmt: skip
        pass
    assert "Errno" not in str(refused.value) and "secret" not in str(refused.value)


def test_a_company_without_a_password_is_not_sent_the_operators(
    stands_for: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver would take PGPASSWORD or ~/.pgpass for it, and any server may ask for a password in the clear."""
    stands_for += ["93.184.216.34"]
    monkeypatch.setenv("PGPASSWORD", "the operator's")
    for dsn in ("postgresql://reader@db.example.com/chatwoot", "postgresql://reader:@db.example.com/chatwoot"):
        with pytest.raises(Invalid, match="needs a password"):
            pinned(dsn)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """The port of a server that lets everybody in, and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                while (asked := line.recv(4096))[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # TLS? GSS?
                    line.sendall(b"N")
                assert b"user\0" in asked
                line.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")
                while line.recv(4096):
                    pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_a_company_whose_server_says_nothing_does_not_hold_up_the_others(
    silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two such servers would take the two slots in which every company's Chatwoot is read."""
    monkeypatch.setattr(connecting, "checked", lambda host, port: [ip_address("127.0.0.1")])
    monkeypatch.setattr(time_limit, "MINUTES", 0.5 / 60)
    dsn = only_public(f"postgresql://reader:secret@db.example.com:{silent_server}/chatwoot")
    with pytest.raises(TookTooLong, match="was not read within"), read(dsn):
        pass
