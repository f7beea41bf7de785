"""Tenants: the companies that share one installation. Changing one needs the operator's connection."""

import difflib
import re
import unicodedata

from psycopg.errors import UniqueViolation

from prosa.db import Conn, fetch_all
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM, Tenant

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
COLUMNS = "id, slug, name, timezone, locale, segment, suspended_at, created_at, delete_after"


def add_tenant(
    conn: Conn, *, slug: str, name: str, actor: str, timezone: str = "America/Sao_Paulo", segment: str | None = None
) -> Tenant:
    """Add a tenant. Raises Invalid for a bad slug, name or time zone, Conflict if the slug is taken."""
    if not SLUG.fullmatch(slug):
        raise Invalid(f"'{slug}' cannot be a tenant's slug: up to 63 lower-case letters, digits and inner hyphens.")
    if not name.strip():
        raise Invalid("A tenant needs a name.")
    check_timezone(conn, timezone)
    sql = f"insert into tenants (slug, name, timezone, segment) values (%s, %s, %s, %s) returning {COLUMNS}"
    try:
        with conn.transaction():
            [tenant] = fetch_all(conn, Tenant, sql.encode(), [slug, name.strip(), timezone, segment])
    except UniqueViolation:
        raise Conflict(f"There is already a tenant '{slug}'.") from None
    audit.record(
        conn, tenant.id, actor, "tenant.create", f"tenant:{tenant.id}",
        after={"slug": slug, "name": tenant.name, "timezone": timezone},
    )  # fmt: skip
    return tenant


def slug_of(name: str) -> str:
    """A slug made from a name: padaria-pao-quente from Padaria Pão Quente. Empty if the name has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:63].rstrip("-")


def list_tenants(conn: Conn) -> list[Tenant]:
    """Every tenant that the connection may see, by slug, except the platform itself."""
    sql = f"select {COLUMNS} from tenants where id > {PLATFORM} order by slug"
    return fetch_all(conn, Tenant, sql.encode())


def find_tenant(conn: Conn, slug: str) -> Tenant:
    """The tenant with this slug. Raises NotFound, naming up to 20 that the connection may see."""
    tenants = list_tenants(conn)
    for tenant in tenants:
        if tenant.slug == slug:
            return tenant
    shown = ", ".join([t.slug for t in tenants[:20]] + ["…"] * (len(tenants) > 20))
    raise NotFound(f"There is no tenant '{slug}'. " + (f"There are: {shown}." if tenants else "There are none yet."))


def change_tenant(conn: Conn, tenant: int, *, name: str, timezone: str, locale: str, actor: str) -> None:
    """Rename a tenant, or move it to another time zone or language. Raises Invalid, NotFound."""
    if not name.strip():
        raise Invalid("A tenant needs a name.")
    check_timezone(conn, timezone)
    before = conn.execute(
        "select name, timezone, locale from tenants where id = %s and id <> %s", [tenant, PLATFORM]
    ).fetchone()
    if before is None:
        raise NotFound("There is no such tenant.")
    after = {"name": name.strip(), "timezone": timezone, "locale": locale}
    conn.execute("update tenants set name = %s, timezone = %s, locale = %s where id = %s", [*after.values(), tenant])
    was = dict(zip(after, before, strict=True))
    audit.record(conn, tenant, actor, "tenant.change", f"tenant:{tenant}", was, after)


def set_segment(conn: Conn, tenant: int, segment: str | None, *, actor: str) -> None:
    """Set the company's line of business, which decides what the analysis looks for. An admin of the tenant may do so too."""
    before = conn.execute("select segment from tenants where id = %s", [tenant]).fetchone()
    conn.execute("update tenants set segment = %s where id = %s", [segment, tenant])
    was = {"segment": before and before[0]}
    audit.record(conn, tenant, actor, "tenant.change", f"tenant:{tenant}", was, {"segment": segment})


def working_tenants(conn: Conn) -> list[Tenant]:
    """The tenants that schedules work for: all except the suspended. `conn` is the operator's."""
    return [tenant for tenant in list_tenants(conn) if tenant.suspended_at is None]


def is_suspended(conn: Conn, tenant: int) -> bool:
    """Whether the tenant is suspended: then nothing is sent for it either."""
    row = conn.execute("select suspended_at is not null from tenants where id = %s", [tenant]).fetchone()
    return row is None or bool(row[0])


def set_suspended(conn: Conn, tenant: int, *, suspended: bool, actor: str) -> None:
    """Suspend a tenant, or lift that: the sessions and API keys of a suspended tenant open nothing.

    Raises NotFound, for the platform too: its operators would shut themselves out.
    """
    changed = conn.execute(
        """update tenants set suspended_at = case when %(suspended)s then coalesce(suspended_at, now()) end
           where id = %(tenant)s and id <> %(platform)s""",
        {"suspended": suspended, "tenant": tenant, "platform": PLATFORM},
    ).rowcount
    if not changed:
        raise NotFound("There is no such tenant.")
    audit.record(conn, tenant, actor, "tenant.suspend" if suspended else "tenant.resume", f"tenant:{tenant}")


def check_timezone(conn: Conn, timezone: str) -> None:
    """Raise Invalid, with the nearest names, unless PostgreSQL knows this zone: it does the calendar's arithmetic."""
    known = [row[0] for row in conn.execute("select name from pg_timezone_names where name ~ '^[A-Z]'").fetchall()]
    if timezone in known:
        return
    by_lower_name = {name.lower(): name for name in known}
    by_lower_city = {name.rpartition("/")[2].lower(): name for name in known}
    wanted = timezone.strip().lower().replace(" ", "_")
    near = [by_lower_name[name] for name in difflib.get_close_matches(wanted, by_lower_name, n=1, cutoff=0.8)]
    near += [by_lower_city[city] for city in difflib.get_close_matches(wanted, by_lower_city, n=2, cutoff=0.8)]
    hint = f" Did you mean {' or '.join(dict.fromkeys(near))}?" if near else " An example: America/Sao_Paulo."
    raise Invalid(f"There is no time zone '{timezone}'.{hint}")
