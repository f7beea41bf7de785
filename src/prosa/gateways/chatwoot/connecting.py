"""Connecting to Chatwoot's database by a connection string (DSN).

The operator's may name any host. One that a company names must lead to the public internet.
"""

import re
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from prosa.errors import Invalid
from prosa.gateways.chatwoot.errors import PrivateHost, SourceLost
from prosa.gateways.public_addresses import ForbiddenAddress, NoAnswer, checked

PUBLIC = "public+"  # before the scheme of a connection string whose host must be on the public internet


def only_public(dsn: str) -> str:
    """Mark the connection string of somebody who is not the operator.

    Each connection made with it checks that the host is public.
    """
    return PUBLIC + dsn


def connect(dsn: str) -> psycopg.Connection:
    """Open a connection. The caller closes it.

    Raises SourceLost if the server cannot be reached, PrivateHost if it may not be (`only_public`), and Invalid if `dsn` is
    not a connection string.
    """
    try:
        where = pinned(dsn.removeprefix(PUBLIC)) if dsn.startswith(PUBLIC) else dsn
        return psycopg.connect(where, autocommit=True, connect_timeout=10, application_name="prosa etl",
                               client_encoding="UTF8", prepare_threshold=None, keepalives_idle=30)  # fmt: skip
    except psycopg.OperationalError as error:
        raise SourceLost(f"Chatwoot's database cannot be reached: {_for_people(str(error), dsn)}") from None
    except psycopg.ProgrammingError:  # its words quote the string, password and all
        raise Invalid(
            "That is not a connection string: postgresql://user:password@host:5432/database is expected. "
            "In a password, write @ as %40, : as %3A, / as %2F and % as %25."
        ) from None


def pinned(dsn: str) -> str:
    """The DSN with the host's present addresses, once all of them are known to be public.

    A name that points elsewhere a moment later (DNS rebinding) gains nothing. Raises PrivateHost, SourceLost; Invalid where
    there is no password, for libpq would send the operator's (PGPASSWORD, ~/.pgpass) to the server that the company named.
    """
    parts = urlsplit(dsn)
    if not parts.password:
        raise Invalid("A connection string that a company names needs a password.")
    host = parts.hostname or ""
    try:
        addresses = checked(host, parts.port or 5432)
    except ForbiddenAddress as error:
        raise PrivateHost(f"Chatwoot's database may not be reached there: {error}.") from None
    except NoAnswer as error:
        raise SourceLost(f"Chatwoot's database cannot be reached: {error}.") from None
    return make_conninfo(dsn, host=",".join([host] * len(addresses)), hostaddr=",".join(map(str, addresses)))


def _for_people(message: str, dsn: str) -> str:
    """A driver's message without error numbers and without the password, even if a character such as @ split the password."""
    found = re.search(r"://[^:@]*:(.*)@", dsn) or re.search(r"password\s*=\s*'?([^']*)", dsn)
    for piece in re.split(r"[@:/?#\s]", found[1]) if found else ():
        if len(piece) > 2:
            message = message.replace(piece, "***")
    return re.sub(r"\[Errno -?\d+\] ", "", message).strip()
