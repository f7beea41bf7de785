"""A company's own key of the language model: what it asks is then billed to its own account.

Kept encrypted, and shown to nobody again. Endpoint and model stay those of the installation.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prosa import crypto
from prosa.analysis.llm import policy
from prosa.analysis.llm.calls import Line
from prosa.db import Conn, Database, TenantId, fetch_one
from prosa.errors import Invalid, NotFound
from prosa.settings import Settings
from prosa.tenancy import audit

log = logging.getLogger(__name__)
PATIENCE = 60.0


@dataclass(frozen=True)
class Kept:
    """That there is a key: since when, and who gave it."""

    created_at: datetime
    created_by: str


def put(conn: Conn, tenant: TenantId, key: str, *, secret_keys: Sequence[str], actor: str) -> None:
    """Keep the company's key, in place of an earlier one. Audited, without the key. Raises Invalid."""
    key = key.strip()
    if not re.fullmatch(r"[!-~]{8,300}", key):
        raise Invalid("A key has 8 to 300 letters, digits and signs, without spaces.")
    conn.execute(
        """insert into llm_keys (tenant_id, key_encrypted, created_by) values (%s, %s, %s)
           on conflict (tenant_id) do update set key_encrypted = excluded.key_encrypted, created_by = excluded.created_by,
             created_at = now()""",
        [tenant, crypto.encrypt(secret_keys, key), actor],
    )
    audit.record(conn, tenant, actor, "ai.key", f"tenant:{tenant}")


def forget(conn: Conn, tenant: TenantId, *, actor: str) -> None:
    """Delete the company's own key. Calls then use the installation's, if it has one. Audited. Raises NotFound."""
    if not conn.execute("delete from llm_keys where tenant_id = %s", [tenant]).rowcount:
        raise NotFound("The company has no key of its own.")
    audit.record(conn, tenant, actor, "ai.key_removed", f"tenant:{tenant}")


def kept(conn: Conn, tenant: TenantId) -> Kept | None:
    """Whether the company has a key of its own."""
    return fetch_one(conn, Kept, "select created_at, created_by from llm_keys where tenant_id = %s", [tenant])


def line(conn: Conn, tenant: TenantId, settings: Settings, *, patience: float = PATIENCE) -> Line | None:
    """The tenant's way to a model: by its own key, or else by the installation's. None without either.

    If the tenant's own key cannot be opened, that is an error and never a reason to spend the installation's money.
    """
    row = conn.execute("select key_encrypted from llm_keys where tenant_id = %s", [tenant]).fetchone()
    if row is None:
        return policy.line(settings, patience=patience)
    try:
        key = crypto.decrypt(settings.secret_keys, bytes(row[0]))
    except Invalid as error:
        log.error("the own key of tenant %s cannot be used: %s", tenant, error)  # noqa: TRY400  (a known error: no traceback)
        return None
    limits = policy.read(conn, tenant).own_limits
    return policy.line_by(key, settings, patience=patience, payer=tenant, own_limits=limits)


def lines(
    db: Database, tenants: Iterable[TenantId], settings: Settings, *, patience: float = PATIENCE
) -> dict[TenantId, Line]:
    """The ways to a model of those among the tenants that have one and want the model."""
    found = {}
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            way = line(conn, tenant, settings, patience=patience) if policy.read(conn, tenant).wanted else None
        if way:
            found[tenant] = way
    return found
