"""A statement that each connection plans once, sent as one transaction in one round trip: for the few that must be quick."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName
from psycopg.rows import TupleRow

from prosa.db.connection import Database, Role, beginning
from prosa.errors import Unavailable

PARAMETER = re.compile(r"%\((\w+)\)s")
# What each connection was told to prepare.
_TOLD: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Prepared:
    """A statement by name, with parameters as psycopg writes them; where a type cannot be inferred, with a cast."""

    name: str
    text: str

    @cached_property
    def parameters(self) -> list[str]:
        """The names of the parameters, in the order in which PREPARE numbers them."""
        return list(dict.fromkeys(PARAMETER.findall(self.text)))

    @cached_property
    def prepare(self) -> str:
        """The PREPARE statement."""
        return f"prepare {self.name} as {PARAMETER.sub(lambda m: f'${self.parameters.index(m[1]) + 1}', self.text)}"

    @cached_property
    def execute(self) -> str:
        """The EXECUTE statement, for psycopg to fill."""
        return f"execute {self.name}({', '.join(f'%({name})s' for name in self.parameters)})"


def once(
    db: Database, tenant_id: int, statement: Prepared, values: Mapping[str, Any], *, before: str = "",
    role: Role = Role.ADMIN,
) -> list[TupleRow]:  # fmt: skip
    """Run the statement in a transaction that sees one tenant, commit, and return its rows. `before` is a SET LOCAL to go first.

    A new connection prepares the statement first, without values: a server writes a statement that fails into its log.

    Behind a transaction-mode pooler each transaction may meet another connection of the server's. Where that one has not
    prepared the statement it says so, and the next try prepares it: one round trip more, and otherwise the same. Raises
    Unavailable where every try met the wrong one.
    """
    opening = f"{beginning(role, tenant_id)}; {before}{';' if before else ''}"
    with db.app.connection() as conn, psycopg.ClientCursor(conn) as cur:
        if statement.name not in (told := _TOLD.setdefault(conn, set())):
            with suppress(DuplicatePreparedStatement):
                cur.execute(statement.prepare.encode())
            conn.rollback()  # it stays prepared
            told.add(statement.name)
        # By turns without preparing and with: either fails on a connection that is not as expected.
        for prepare in ("", f"{statement.prepare};", "", f"{statement.prepare};", ""):
            try:
                cur.execute(f"{opening} {prepare} {statement.execute}; commit".encode(), values)
            except (InvalidSqlStatementName, DuplicatePreparedStatement):
                conn.rollback()
                continue
            while cur.description is None and cur.nextset():
                pass
            return cur.fetchall()
    raise Unavailable("The database's pooler does not keep a connection for a transaction.")
