"""Connections with a role and a tenant, for one transaction each."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType, cast

import psycopg
from psycopg.rows import TupleRow

from prosa.errors import Unavailable

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

Conn = psycopg.Connection[TupleRow]
TenantId = NewType("TenantId", int)


class Role(StrEnum):
    """The database roles, which mirror the product's (migration 0001)."""

    CLIENT = "prosa_client"
    ADMIN = "prosa_admin"
    SUPER_ADMIN = "prosa_super_admin"


@dataclass(frozen=True)
class Database:
    """Two logins: the application's, which becomes a tenant's role, and the platform's, which becomes the operator's.

    `platform` is None in processes that serve tenants only.
    """

    app_dsn: str
    platform_dsn: str | None
    app: "ConnectionPool[Conn]"
    platform: "ConnectionPool[Conn] | None"

    @contextmanager
    def tenant(self, tenant_id: int, *, role: Role = Role.ADMIN) -> Iterator[Conn]:
        """One transaction that sees one tenant; committed on leaving, rolled back by an exception."""
        if role is Role.SUPER_ADMIN:
            raise ValueError("the operator has no tenant: use operator()")
        if tenant_id <= 0:
            raise ValueError("the platform's own rows (tenant 0) are the operator's alone: use operator()")
        with self.app.connection() as conn:
            begin(conn, role, tenant_id)
            yield conn

    @contextmanager
    def operator(self) -> Iterator[Conn]:
        """One transaction that sees every tenant."""
        if self.platform is None:
            raise RuntimeError("this process holds no platform login")
        with self.platform.connection() as conn:
            begin(conn, Role.SUPER_ADMIN)
            yield conn

    @contextmanager
    def queue(self) -> Iterator[Conn]:
        """One transaction on the job queue's own tables, which the platform's login alone may read."""
        if self.platform is None:
            raise RuntimeError("this process holds no platform login")
        with self.platform.connection() as conn:
            conn.execute("begin")
            yield conn

    @contextmanager
    def anonymous(self) -> Iterator[Conn]:
        """One transaction before a tenant is known: it may call the login functions and nothing else."""
        with self.app.connection() as conn:
            conn.execute("begin")
            yield conn

    def close(self) -> None:
        """Close the pools."""
        self.app.close()
        if self.platform is not None:
            self.platform.close()


def begin(conn: Conn, role: Role, tenant_id: int | None = None) -> None:
    """Start a transaction as `role` within the tenant, in one round trip.

    The settings are literals and local: a plain SET would leak to the next client of a transaction-mode pooler, and
    Citus hands only literal SET LOCALs on to its workers.
    """
    conn.execute(beginning(role, tenant_id).encode())


def beginning(role: Role, tenant_id: int | None) -> str:
    """The SQL that `begin` sends."""
    tenant = "" if tenant_id is None else f"; set local prosa.tenant_id = '{int(tenant_id)}'"
    return f"begin; set local role {role}{tenant}"


# For `id = {ANY_OF_IDS}`, with the parameter `ids`. While it plans, PostgreSQL compares every element of an array that it knows
# with its statistics, once for each place where the array stands. The sub-select hides the array until the statement runs.
ANY_OF_IDS = "any((select %(ids)s::bigint[])::bigint[])"


def bigints(ids: Iterable[int]) -> str:
    """Ids as one parameter, a bigint[] in text. psycopg dumps a list element by element, which takes eight times as long."""
    return f"{{{','.join(map(str, ids))}}}"


@contextmanager
def transaction(conn: Conn, role: Role, tenant_id: int | None = None) -> Iterator[Conn]:
    """A transaction on one's own connection: committed on leaving, rolled back by an exception."""
    begin(conn, role, tenant_id)
    try:
        yield conn
    except BaseException:
        with suppress(psycopg.Error):  # the connection itself may be what broke
            conn.rollback()
        raise
    conn.commit()


def connect(dsn: str) -> Conn:
    """One's own connection, outside the pools. Raises Unavailable."""
    try:
        return cast(Conn, psycopg.connect(dsn, **connection_options()))
    except psycopg.OperationalError as error:
        answered = "FATAL:" in str(error)  # the server's own word; else there is no server
        asked = "does not let us in (was `prosa migrate` run, with this SECRET_KEY?)" if answered else "does not answer"
        raise Unavailable(f"The database {asked}: {error}".strip()) from None


def pool(dsn: str, *, max_size: int) -> "ConnectionPool[Conn]":
    """A pool of connections in autocommit mode; `begin` opens their transactions."""
    from psycopg_pool import ConnectionPool  # noqa: PLC0415  (a command with a connection of its own needs none)

    return ConnectionPool(
        dsn, connection_class=cast(type[Conn], psycopg.Connection), kwargs=connection_options(),
        min_size=0, max_size=max_size, timeout=10, max_idle=300, open=True, check=ConnectionPool.check_connection,
        reconnect_timeout=5,  # then the next caller tries at once, instead of waiting for a backoff of minutes
    )  # fmt: skip


def connection_options() -> dict[str, Any]:
    """What every connection of ours is opened with.

    No server-side prepared statements: a transaction-mode pooler older than pgbouncer 1.21 loses them, and a plan made
    for one role would be made again for the next anyway.
    """
    return {"autocommit": True, "prepare_threshold": None, "application_name": "prosa", "connect_timeout": 10}
