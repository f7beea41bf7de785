"""Addresses that somebody else named, a tenant or a contact: only those on the public internet may be connected to.

A host's name is resolved once, every address that it stands for is checked, and the connection goes to what was checked: a
name that points elsewhere a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
import socket

from prosa.errors import ProsaError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# There clouds tell their machines what is theirs, passwords too: Oracle's at 192.0.0.192, which Python 3.11 takes for public, and
# Azure's at 168.63.129.16, which is.
OF_CLOUDS = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("168.63.129.16/32"))
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NoAnswer(ProsaError):
    """The other side cannot be reached, or does not answer as it should; the message says why, in words for a log."""


class ForbiddenAddress(NoAnswer):
    """The name stands for an address that is not on the public internet."""


def resolve(host: str, port: int) -> list[Address]:
    """Every address that the name stands for. Raises NoAnswer where there is none."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer("the host's name is unknown") from None
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def checked(host: str, port: int, *, loopback: bool = False) -> list[Address]:
    """Every address that the name stands for, once all are known to be allowed. Raises NoAnswer, ForbiddenAddress."""
    addresses = resolve(host, port)
    for address in addresses:
        check(address, loopback=loopback)
    return addresses


def is_public(address: Address) -> bool:
    """Whether the address is on the public internet, also where it wraps another (mapped, 6to4, Teredo, NAT64)."""
    inner: list[Address] = []
    if isinstance(address, ipaddress.IPv6Address):
        inner = [a for a in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if a]
        if address in NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.is_site_local:
            return False
    if inner:
        return all(map(is_public, inner))
    if any(address in network for network in OF_CLOUDS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check(address: Address, *, loopback: bool) -> None:
    """Raise ForbiddenAddress unless the address is on the public internet (`loopback`: or of this machine)."""
    if not (is_public(address) or (loopback and address.is_loopback)):
        raise ForbiddenAddress(f"{address} is not on the public internet")


def literal(host: str) -> Address | None:
    """The host as an address if it is written as one; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
