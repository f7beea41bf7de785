"""The demo agency, as `prosa demo` sets it up: a Chatwoot database, three tenants that read it, logins, analysis.

Everything is done by the functions that a customer's data goes through. Running it again changes nothing, unless the made-up
data is older than a day or of another size: then it is made again, up to the present.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from prosa.analysis import service as analysis
from prosa.analysis import store as analysis_store
from prosa.crypto import derive
from prosa.db import Database, TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import Logins
from prosa.demo import campaign
from prosa.demo.accounts import ACCOUNTS, Account
from prosa.demo.generator import create_schema, fill
from prosa.errors import Busy, Unavailable
from prosa.facts import kpis, label_rules
from prosa.facts.model import Kpis, Period
from prosa.facts.outcomes import OutcomeKind
from prosa.facts.refresh import refresh
from prosa.settings import Settings
from prosa.sources import connect, etl
from prosa.tenancy.model import PLATFORM, UserRole
from prosa.tenancy.tenants import add_tenant, list_tenants
from prosa.tenancy.users import add_user, list_users

DATABASE = "prosa_demo_chatwoot"
LOCK = 0x70726F64656D6F  # "prodemo"
READER = "prosa_demo_reader"
ACTOR = "cli:demo"
DAYS = 90
STALE = timedelta(days=1)
MAIL_DOMAIN = "example"
# Labels by which the demo's companies note a visit or a sale in Chatwoot.
OUTCOME_LABELS = {
    "corpo-e-vida": (("visita", OutcomeKind.VISIT), ("matricula", OutcomeKind.CONVERSION)),
    "sorriso-real": (("agendamento", OutcomeKind.VISIT), ("pos-atendimento", OutcomeKind.CONVERSION)),
    "casa-aurora": (("venda", OutcomeKind.CONVERSION),),
}
# What a tenant's segment is called by the analysis.
SEGMENTS = {"gym": "gym", "clinic": "health", "shop": "ecommerce"}

Progress = Callable[[str, int, int], None]


class Login(NamedTuple):
    """A user of the demo."""

    email: str
    password: str
    role: UserRole
    sees: str


@dataclass(frozen=True)
class Demo:
    """What was set up."""

    summary: list[tuple[Account, Kpis]]  # over all the made-up days
    logins: list[Login]


def prepare(settings: Settings, logins: Logins, db: Database, *, scale: float, progress: Progress) -> Demo:
    """Set the demo up, or bring it up to date. The database must have been migrated."""
    owner = _owner_url(settings, logins)
    with _alone(owner):
        return _prepare(settings, logins, db, owner, scale=scale, progress=progress)


@contextmanager
def _alone(owner: str) -> Iterator[None]:
    """Hold a lock: another process would drop the made-up Chatwoot while this one fills or reads it. Raises Busy."""
    with psycopg.connect(owner, autocommit=True) as conn:
        row = conn.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if row is None or not row[0]:
            raise Busy("Another process makes the demo here. Try again when it has ended.")
        yield


def _prepare(settings: Settings, logins: Logins, db: Database, owner: str, *, scale: float, progress: Progress) -> Demo:
    password = derive(settings.secret_keys[0], "demo reader").hex()
    remade = _make_chatwoot(owner, scale, password, progress)
    tenants = {account: _tenant(db, account) for account in ACCOUNTS}
    dsn = _with(owner, user=READER, password=password, database=DATABASE)
    for account, tenant in tenants.items():
        with db.tenant(tenant) as conn:
            done = connect.connect(conn, tenant, secret_keys=settings.secret_keys, dsn=dsn,
                                   account_id=account.account_id, actor=ACTOR)  # fmt: skip
            connect.mark_bots(conn, tenant, done.source_id, account.bot_user_ids, refresh=refresh)
            if remade:
                conn.execute("delete from etl_watermarks where tenant_id = %s", [tenant])
    slugs = [account.slug for account in ACCOUNTS]
    read = etl.run(logins, settings.secret_keys, slugs=slugs, refresh=refresh, progress=progress,
                   accept_deletions=remade)  # fmt: skip
    for result in read:
        if result.error or result.busy:
            raise Unavailable(result.error or f"The demo's data is being read already: {result.busy}")
    for account, tenant in tenants.items():
        _analyse(db, account, tenant, progress)
        campaign.prepare(db, tenant, secret_keys=settings.secret_keys, actor=ACTOR, now=datetime.now(UTC))
    return Demo([(account, _numbers(db, account, tenant)) for account, tenant in tenants.items()],
                _users(settings, db, tenants))  # fmt: skip


def _tenant(db: Database, account: Account) -> TenantId:
    with db.operator() as conn:
        for tenant in list_tenants(conn):
            if tenant.slug == account.slug:
                return TenantId(tenant.id)
        added = add_tenant(conn, slug=account.slug, name=account.name, timezone=account.timezone,
                           segment=SEGMENTS[account.segment], actor=ACTOR)  # fmt: skip
        return TenantId(added.id)


def _analyse(db: Database, account: Account, tenant: TenantId, progress: Progress) -> None:
    """Analyse what has no insight, and state the outcomes that the company's labels stand for."""
    done = 0

    def count(counts: analysis.Counts) -> None:
        nonlocal done
        done += counts.analysed + counts.skipped
        progress(f"analysis of {account.slug}", done, max(done, waiting))

    with db.tenant(tenant) as conn:
        waiting = analysis_store.count_stale(conn, tenant)
    analysis.analyse_tenant(db, tenant, on_batch=count)
    with db.tenant(tenant) as conn:
        for label, kind in OUTCOME_LABELS[account.slug]:
            label_rules.state(conn, tenant, label, kind, actor=ACTOR)


def _numbers(db: Database, account: Account, tenant: TenantId) -> Kpis:
    today = datetime.now(ZoneInfo(account.timezone)).date()
    with db.tenant(tenant) as conn:
        return kpis.kpis(conn, tenant, period=Period(today - timedelta(days=DAYS), today + timedelta(days=1)))


def _users(settings: Settings, db: Database, tenants: dict[Account, TenantId]) -> list[Login]:
    """Add an operator, and an administrator and a client for each company. Each installation has its own passwords."""
    people = [(PLATFORM, f"agencia@prosa.{MAIL_DOMAIN}", UserRole.SUPER_ADMIN, "every company")]
    for account, tenant in tenants.items():
        people.append((tenant, f"gestao@{account.slug}.{MAIL_DOMAIN}", UserRole.ADMIN, account.name))
        people.append((tenant, f"equipe@{account.slug}.{MAIL_DOMAIN}", UserRole.CLIENT, account.name))
    logins = []
    for tenant, email, role, sees in people:
        password = derive(settings.secret_keys[0], f"demo password {email}").hex()[:12]
        logins.append(Login(email, password, role, sees))
        with db.operator() as conn:
            if email not in {user.email for user in list_users(conn, tenant)}:
                add_user(conn, tenant, email=email, password=password, role=role, actor=ACTOR)
    return logins


def _owner_url(settings: Settings, logins: Logins) -> str:
    """The URL of a login that may create a database: the embedded server's superuser, or the owner in DATABASE_URL."""
    return logins.owner if settings.database_url else EmbeddedServer(settings.prosa_home).dsn()


def _with(url: str, *, database: str, user: str | None = None, password: str | None = None) -> str:
    parts = urlsplit(url)
    netloc = parts.netloc if user is None else f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


def _make_chatwoot(owner: str, scale: float, password: str, progress: Progress) -> bool:
    """Make the Chatwoot database with a read-only login, unless it is there. Returns whether it was made now."""
    now = datetime.now(UTC)
    with psycopg.connect(owner, autocommit=True) as conn:
        row = conn.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
                           [DATABASE]).fetchone()  # fmt: skip
        made = json.loads(row[0]) if row and row[0] else {}
        if made.get("scale") == scale and now - datetime.fromisoformat(made["at"]) < STALE:
            return False
        may = "select from pg_roles where rolname = current_user and (rolsuper or rolcreatedb and rolcreaterole)"
        if conn.execute(may).fetchone() is None:
            raise Unavailable(
                "The demo makes a database and a login of its own, which the user of DATABASE_URL may not. Leave DATABASE_URL "
                "empty for the embedded server, or give that user CREATEDB and CREATEROLE."
            )
        name = sql.Identifier(DATABASE)
        conn.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        conn.execute(sql.SQL("create database {}").format(name))
        if conn.execute("select from pg_roles where rolname = %s", [READER]).fetchone() is None:
            conn.execute(sql.SQL("create role {} login").format(sql.Identifier(READER)))
        reader = sql.Identifier(READER)
        conn.execute(sql.SQL("alter role {} password {}").format(reader, sql.Literal(password)))
        with psycopg.connect(_with(owner, database=DATABASE)) as chatwoot:
            create_schema(chatwoot)
            fill(chatwoot, now=now, scale=scale, progress=lambda done, planned: progress("demo data", done, planned))
            chatwoot.execute(sql.SQL("grant select on all tables in schema public to {}").format(reader))
        about = json.dumps({"scale": scale, "at": now.isoformat()})
        conn.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(about)))
    return True
