"""Encrypts every secret again with the newest key of SECRET_KEY. After that the older keys can be removed.

Each kind of secret is one transaction, together with its entry in the audit log. If a run is killed in between, the next one
goes on. Hashes that depend on SECRET_KEY are renewed too (`_fingerprints`). Those of erased contacts do not depend on it
(prosa.conversations.aliases); only their key is encrypted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from prosa.crypto import decrypt, fingerprint, reencrypt
from prosa.db import Conn, Database
from prosa.errors import Invalid
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM

# Where secrets stand: table, column, and what names a row beside its tenant. A test compares them with the catalog.
KINDS = (
    ("alias_keys", "key_encrypted", ()),
    ("llm_keys", "key_encrypted", ()),
    ("second_factors", "secret_encrypted", ("user_id",)),
    ("sources", "api_token_encrypted", ("id",)),
    ("sources", "dsn_encrypted", ("id",)),
    ("twilio_accounts", "token_encrypted", ("id",)),
    ("webhook_endpoints", "old_secret_encrypted", ("id",)),
    ("webhook_endpoints", "secret_encrypted", ("id",)),
)
SERVER = "server fingerprint"  # what a Chatwoot server's fingerprint is derived for (prosa.sources.connect)


@dataclass(frozen=True)
class Rotated:
    """One kind of secret: how many values were encrypted anew, and how many already were.

    `lost` are the rows whose value no key opens, by tenant and number.
    """

    table: str
    column: str
    rotated: int
    current: int
    lost: list[str]


def rotate(db: Database, secret_keys: Sequence[str], *, actor: str, write: bool = True) -> list[Rotated]:
    """Encrypt again everything that is not under the first of `secret_keys`. Without `write` nothing is changed. Audited."""
    return [_rotate(db, secret_keys, *kind, actor=actor, write=write) for kind in KINDS]


def unreadable(db: Database, secret_keys: Sequence[str]) -> tuple[int, int]:
    """How many of the stored secrets no key opens, and how many secrets there are."""
    seen = rotate(db, secret_keys, actor="", write=False)
    lost = sum(len(each.lost) for each in seen)
    return lost, lost + sum(each.rotated + each.current for each in seen)


def _rotate(
    db: Database, secret_keys: Sequence[str], table: str, column: str, names: Sequence[str], *, actor: str, write: bool
) -> Rotated:
    rotated, current, lost = 0, 0, []
    with db.operator() as conn:
        for row, value in _values(db, conn, table, column, names):
            try:
                anew = reencrypt(secret_keys, value)
            except Invalid:
                lost.append(" ".join(f"{name} {number}" for name, number in row.items()))
                continue
            current += anew is None
            rotated += anew is not None
            if anew is not None and write:
                _store(conn, table, column, row, anew)
                if column == "dsn_encrypted":
                    _fingerprints(conn, secret_keys, row, decrypt(secret_keys, anew))
        if rotated and write:
            after = {"rotated": rotated, "lost": len(lost)}
            audit.record(conn, PLATFORM, actor, "secrets.rotate", f"{table}.{column}", after=after)
    return Rotated(table, column, rotated, current, lost)


def _values(
    db: Database, conn: Conn, table: str, column: str, names: Sequence[str]
) -> list[tuple[dict[str, int], bytes]]:
    """What names each row, and its value. The rows stay locked, so that nothing newer is overwritten."""
    keys = ["tenant_id", *names]
    seeds = table == "second_factors"  # only a function of the login may read them; no role may select them
    query = sql.SQL("select {} from {} {} order by {} for no key update").format(
        sql.SQL(", ").join(map(sql.Identifier, keys if seeds else [*keys, column])), sql.Identifier(table),
        sql.SQL("") if seeds else sql.SQL("where {} is not null").format(sql.Identifier(column)),
        sql.SQL(", ").join(map(sql.Identifier, keys)),
    )  # fmt: skip
    rows = conn.execute(query).fetchall()
    if seeds:
        with db.anonymous() as login:
            rows = login.execute(
                """select f.tenant, f.person, s.secret_encrypted from unnest(%s::bigint[], %s::bigint[]) f (tenant, person)
                   cross join lateral second_factor_find(f.tenant, f.person) s""",
                [[tenant for tenant, _ in rows], [user for _, user in rows]],
            ).fetchall()
    return [(dict(zip(keys, row[:-1], strict=True)), bytes(row[-1])) for row in rows]


def _store(conn: Conn, table: str, column: str, row: dict[str, int], value: bytes) -> None:
    named = sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in row)
    query = sql.SQL("update {} set {} = %s where {}").format(sql.Identifier(table), sql.Identifier(column), named)
    conn.execute(query, [value, *row.values()])


def _fingerprints(conn: Conn, secret_keys: Sequence[str], row: dict[str, int], dsn: str) -> None:
    """Derive the servers' fingerprints from the newest key too, so that sources connected before and after are one server.

    Only fingerprints are renewed that an older key gives for what the connection string says; any other is made by the next
    `connect`.
    """
    given: dict[str, Any] = {"port": 5432, **conninfo_to_dict(dsn)}
    where = f"{given.get('host')}:{given['port']}/{given.get('dbname') or given.get('user')}/{given.get('user')}"
    anew, *former = (fingerprint(key, SERVER, where) for key in secret_keys)
    conn.execute(
        """update sources set server_fingerprint = %s
           where tenant_id = %s and id = %s and server_fingerprint = any(%s)""",
        [anew, row["tenant_id"], row["id"], former],
    )
