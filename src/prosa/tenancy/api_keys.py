"""API keys: how a tenant's programs log in. Stored hashed, shown once, recognised by their beginning."""

import secrets
import string
from collections.abc import Sequence

from prosa import crypto
from prosa.db import Conn, fetch_all, fetch_one
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit
from prosa.tenancy.model import SCOPES, ApiKey, ApiKeyHolder, NewApiKey

ALPHABET = string.ascii_letters + string.digits
PREFIX_LENGTH = 8  # recognisable, not secret
SECRET_LENGTH = 32  # 190 bits


def create_key(
    conn: Conn,
    tenant: int,
    *,
    actor: str,
    name: str = "",
    scopes: Sequence[str] | None = None,
) -> NewApiKey:
    """Add a key to the tenant. No scopes means everything. Its `secret` is shown only here.

    Raises Invalid for a scope that no route asks for.
    """
    scopes = list(scopes or [])
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise Invalid(f"There is no scope {', '.join(unknown)}. There are: {', '.join(SCOPES)}.")
    prefix = "prosa_" + _random(PREFIX_LENGTH)
    secret = prefix + _random(SECRET_LENGTH)
    row = conn.execute(
        "insert into api_keys (tenant_id, name, prefix, key_hash, scopes) values (%s, %s, %s, %s, %s) returning id",
        [tenant, name, prefix, crypto.token_hash(secret), scopes],
    )
    [(key_id,)] = row.fetchall()
    after = {"name": name, "prefix": prefix, "scopes": scopes}
    audit.record(conn, tenant, actor, "apikey.create", f"apikey:{key_id}", after=after)
    return NewApiKey(key_id, prefix, secret)


def find_key(conn: Conn, secret: str) -> ApiKeyHolder | None:
    """The holder of this key; None if it is unknown or revoked, or its tenant is suspended. `conn` is anonymous."""
    key_hash = crypto.token_hash(secret)
    sql = "select tenant_id, tenant_slug, key_id, scopes from api_key_find(%s)"
    holder = fetch_one(conn, ApiKeyHolder, sql, [key_hash])
    if holder:
        conn.execute("select api_key_used(%s)", [key_hash])
    return holder


def list_keys(conn: Conn, tenant: int) -> list[ApiKey]:
    """The tenant's keys, revoked ones too, newest first."""
    sql = """select tenant_id, id, name, prefix, scopes, created_at, last_used_at, revoked_at
             from api_keys where tenant_id = %s order by id desc"""
    return fetch_all(conn, ApiKey, sql, [tenant])


def revoke_key(conn: Conn, tenant: int, prefix: str, *, actor: str) -> bool:
    """Revoke a key, by its recognisable beginning. False if it was revoked before. Raises NotFound."""
    keys = [key for key in list_keys(conn, tenant) if key.prefix == prefix]
    if not keys:
        raise NotFound(f"There is no API key that begins with '{prefix}'.")
    ended = conn.execute(
        "update api_keys set revoked_at = now() where tenant_id = %s and id = %s and revoked_at is null",
        [tenant, keys[0].id],
    ).rowcount
    if ended:
        after = {"prefix": prefix}
        audit.record(conn, tenant, actor, "apikey.revoke", f"apikey:{keys[0].id}", after=after)
    return ended > 0


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
