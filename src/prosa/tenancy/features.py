"""Features: which parts of the product a tenant has, and their configuration."""

from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, fetch_all
from prosa.tenancy import audit
from prosa.tenancy.model import Feature


def set_feature(
    conn: Conn,
    tenant: int,
    name: str,
    *,
    enabled: bool,
    actor: str,
    config: dict[str, Any] | None = None,
) -> None:
    """Switch a feature on or off. Its configuration stays as it is if none is given."""
    before = get_feature(conn, tenant, name)
    config = config if config is not None else before.config if before else {}
    conn.execute(
        """insert into features (tenant_id, name, enabled, config) values (%s, %s, %s, %s)
           on conflict (tenant_id, name) do update
           set enabled = excluded.enabled, config = excluded.config, updated_at = now()""",
        [tenant, name, enabled, Jsonb(config)],
    )
    audit.record(
        conn, tenant, actor, "feature.set", f"feature:{name}",
        before={"enabled": before.enabled, "config": before.config} if before else None,
        after={"enabled": enabled, "config": config},
    )  # fmt: skip


def get_feature(conn: Conn, tenant: int, name: str) -> Feature | None:
    """The feature as it was set; None if nobody has set it."""
    return next((feature for feature in list_features(conn, tenant) if feature.name == name), None)


def list_features(conn: Conn, tenant: int) -> list[Feature]:
    """The features that somebody has set, by name."""
    sql = "select name, enabled, config, updated_at from features where tenant_id = %s order by name"
    return fetch_all(conn, Feature, sql, [tenant])
