"""Aliases: keyed hashes that stand for contacts who were erased and had opted out. An alias does not reveal the number.

The opt-out is kept under the alias. When the same address comes back, by an import or an old list, its alias is computed
again, and the opt-out is found.

Without a key, anybody could find the number by hashing every telephone number. The key is random and the tenant's own, so two
tenants have different aliases for one contact. It is stored encrypted with SECRET_KEY, so a copy of the database alone does not
reveal it, and a new SECRET_KEY changes no alias.
"""

import hmac
import secrets
from collections.abc import Sequence

from prosa.crypto import decrypt, encrypt
from prosa.db import Conn, TenantId

PREFIX = "hmac:"


def names(conn: Conn, tenant: TenantId, contact_key: str, secret_keys: Sequence[str]) -> list[str]:
    """The keys under which an opt-out of this contact may be stored: their own, and their alias if the tenant has any.

    Raises Invalid.
    """
    key = stored_key(conn, tenant, secret_keys)
    return [contact_key] if key is None else [contact_key, alias(key, contact_key)]


def make(conn: Conn, tenant: TenantId, contact_key: str, secret_keys: Sequence[str]) -> str:
    """The contact's alias; the tenant's key is made with the first one. `conn` is the operator's. Raises Invalid."""
    conn.execute(
        "insert into alias_keys (tenant_id, key_encrypted) values (%s, %s) on conflict do nothing",
        [tenant, encrypt(secret_keys, secrets.token_hex(32))],
    )
    key = stored_key(conn, tenant, secret_keys)
    assert key is not None
    return alias(key, contact_key)


def stored_key(conn: Conn, tenant: TenantId, secret_keys: Sequence[str]) -> bytes | None:
    """The tenant's key; None where it keeps no alias. Raises Invalid where SECRET_KEY does not open it."""
    row = conn.execute("select key_encrypted from alias_keys where tenant_id = %s", [tenant]).fetchone()
    return bytes.fromhex(decrypt(secret_keys, bytes(row[0]))) if row else None


def alias(key: bytes, contact_key: str) -> str:
    """HMAC-SHA256 of the contact's key."""
    return PREFIX + hmac.digest(key, contact_key.encode(), "sha256").hex()
