"""`prosa doctor`: can this installation work, and if not, what is to be done?"""

import shutil
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from prosa import crypto
from prosa.analysis.llm import accounts
from prosa.db import Conn, Database, open_database
from prosa.db.connection import connection_options
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import SUPPORTED, files, pending
from prosa.db.opening import server
from prosa.errors import ProsaError
from prosa.gateways import media_store
from prosa.gateways.chatwoot import compatibility
from prosa.gateways.chatwoot import reader as chatwoot
from prosa.settings import Settings
from prosa.status import State, WorkerStatus, worker_heard_seconds_ago
from prosa.tenancy import rotation

GIGABYTE = 1024**3
MOST_NAMED = 5


@dataclass(frozen=True)
class Check:
    """One check: its name, its result, what was found, and what to do about it."""

    name: str
    state: State
    found: str
    todo: str = ""


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which to mend things. Starts the embedded server for as long as it takes."""
    checks = [_python(), _time_zones(), _secret_key(settings), _public_url(settings), *_home(settings)]
    with ExitStack() as stack:
        try:
            logins = stack.enter_context(server(settings))
            with psycopg.connect(logins.owner, **connection_options()) as conn:
                version = conn.info.server_version // 10000
            checks.append(_version(version))
            waiting = pending(logins.owner)
        except (ProsaError, psycopg.Error) as error:
            todo = "Check DATABASE_URL, or run `prosa migrate` once for the embedded database."
            return [*checks, Check("database", State.FAIL, str(error).strip(), todo)]
        if waiting:
            names = (
                "none was applied"
                if len(waiting) == len(files())
                else "not applied: " + ", ".join(m.name for m in waiting)
            )
            return [*checks, Check("migrations", State.FAIL, names, "Run `prosa migrate`.")]
        checks.append(Check("migrations", State.OK, "all applied"))
        try:
            db = stack.enter_context(open_database(settings, max_size=2))
            with db.anonymous(), db.operator() as conn:
                checks.append(Check("logins", State.OK, "prosa_app and prosa_platform may log in"))
                return [
                    *checks,
                    _stored_secrets(db, settings),
                    _worker(db),
                    *_sources(conn, settings),
                    *_twilio(conn, settings),
                    *_media(settings),
                    *_model(conn, settings),
                ]
        except (psycopg.Error, ProsaError) as error:
            todo = "Run `prosa migrate`: it sets the passwords that follow from SECRET_KEY."
            return [*checks, Check("logins", State.FAIL, str(error).strip(), todo)]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", State.OK, found)


def _time_zones() -> Check:
    if "America/Sao_Paulo" in zoneinfo.available_timezones():
        return Check("time zones", State.OK, "IANA data is there")
    return Check("time zones", State.FAIL, "no IANA data", "Install the system's package tzdata.")


def _secret_key(settings: Settings) -> Check:
    if settings.secret_key:
        return Check("SECRET_KEY", State.OK, "set")
    path = settings.prosa_home / "secret.key"
    if settings.database_url:
        todo = "Set SECRET_KEY to the same value on every machine that uses this database."
        return Check("SECRET_KEY", State.WARN, f"kept on this machine only, in {path}", todo)
    todo = "" if path.exists() else "Start Prosa once; the key is then made and kept."
    found = f"kept in {path}; back it up" if path.exists() else "not made yet"
    return Check("SECRET_KEY", State.OK if path.exists() else State.WARN, found, todo)


def _public_url(settings: Settings) -> Check:
    if settings.public_url is None:
        todo = "Set it to the https address that users and Twilio reach; without it cookies are not Secure."
        return Check("PUBLIC_URL", State.WARN, "not set", todo)
    if not settings.public_url.startswith("https://"):
        return Check("PUBLIC_URL", State.WARN, settings.public_url, "Use https: passwords travel in the clear.")
    return Check("PUBLIC_URL", State.OK, settings.public_url)


def _home(settings: Settings) -> Iterator[Check]:
    folder = settings.prosa_home
    if settings.database_url is None:
        folder = EmbeddedServer(settings.prosa_home).root
        yield Check("embedded database", State.OK, f"in {folder}")
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIGABYTE
    state = State.FAIL if free < 0.2 else State.WARN if free < 2 else State.OK
    todo = "" if state is State.OK else "Make room: a full disk stops the database."
    yield Check("disk", state, f"{free:.1f} GB free at {folder}", todo)


def _version(major: int) -> Check:
    if major in SUPPORTED:
        return Check("database", State.OK, f"PostgreSQL {major}")
    todo = f"Use PostgreSQL {SUPPORTED.start} to {SUPPORTED.stop - 1}."
    return Check("database", State.FAIL, f"PostgreSQL {major}", todo)


def _stored_secrets(db: Database, settings: Settings) -> Check:
    lost, stored = rotation.unreadable(db, settings.secret_keys)
    if lost:
        found = f"{lost} of {stored} cannot be opened by SECRET_KEY"
        return Check(
            "stored secrets", State.FAIL, found, "Put the key that they were stored with behind it: SECRET_KEY=new,old"
        )
    return Check("stored secrets", State.OK, f"{stored} can be opened" if stored else "none yet")


def _worker(db: Database) -> Check:
    with db.queue() as conn:
        worker = WorkerStatus(worker_heard_seconds_ago(conn))
    seconds = worker.heard_seconds_ago
    found = "none is running" if seconds is None else f"last heard of {seconds:.0f} s ago"
    if worker.lives:
        return Check("worker", State.OK, found)
    return Check(
        "worker", State.WARN, found, "Run `prosa up`, or `prosa worker`: nothing is sent without, and only timers read."
    )


def _sources(conn: Conn, settings: Settings) -> Iterator[Check]:
    """Whether the Chatwoot databases answer and may be read, and whether each latest run succeeded."""
    rows = conn.execute(
        """select t.slug, s.name, s.dsn_encrypted, (
             select r.error from etl_runs r where r.tenant_id = s.tenant_id and r.source_id = s.id and r.state <> 'running'
             order by r.started_at desc, r.id desc limit 1)
           from sources s join tenants t on t.id = s.tenant_id
           where s.enabled and s.dsn_encrypted is not null order by t.slug, s.id"""
    ).fetchall()
    for slug, name, secret, failure in rows:
        label = f"source {slug}/{name}"
        try:
            with chatwoot.read(crypto.decrypt(settings.secret_keys, bytes(secret))) as reader:
                compatibility.check(reader)
        except ProsaError as error:
            yield Check(label, State.FAIL, str(error), "Check its server, or connect it again.")
        else:
            if failure is None:
                yield Check(label, State.OK, "answers")
            else:
                todo = f"Try again: prosa etl run --tenant {slug}"
                yield Check(label, State.WARN, f"answers, but the latest run failed: {failure}", todo)


def _twilio(conn: Conn, settings: Settings) -> Iterator[Check]:
    """Whether Twilio's webhooks can arrive, and whether any came for numbers that nobody has connected."""
    [(accounts,)] = conn.execute("select count(*) from twilio_accounts").fetchall()
    if accounts and settings.public_url is None:
        todo = "Set PUBLIC_URL to the https address that you pasted at Twilio: signatures are checked against it."
        yield Check("twilio", State.WARN, f"{accounts} accounts are connected, and PUBLIC_URL is not set", todo)
    elif accounts:
        yield Check("twilio", State.OK, f"{accounts} accounts; webhooks at {settings.own_url}/webhooks/twilio/inbound")
    unknown = conn.execute(  # our own first: for an account that nobody has connected, no signature could be checked
        r"""select format('%%s of %%s (%%s times)', number, account_sid, times) from unknown_numbers
            where last_at > now() - interval '7 days' and number ~ '^(whatsapp:)?\+?\d{3,15}$'
            order by account_sid in (select account_sid from twilio_accounts) desc, last_at desc limit %s""",
        [MOST_NAMED + 1],
    ).fetchall()
    if unknown:
        named = ", ".join(text for (text,) in unknown[:MOST_NAMED]) + (", …" if len(unknown) > MOST_NAMED else "")
        todo = "Connect them (`prosa twilio connect`), or point them elsewhere at Twilio."
        yield Check(
            "unknown numbers", State.WARN, f"webhooks came for numbers that nobody has connected: {named}", todo
        )


def _media(settings: Settings) -> Iterator[Check]:
    """Whether the bucket for media can be written and read."""
    if settings.media_url is None:
        return
    try:
        media_store.put(settings, "doctor", b"ok")
        media_store.get(settings, "doctor")
        media_store.delete(settings, "doctor")
        yield Check("media store", State.OK, f"{settings.media_url} takes and gives files")
    except ProsaError as error:
        yield Check("media store", State.FAIL, str(error), "Check MEDIA_URL and the other MEDIA_ variables.")


def _model(conn: Conn, settings: Settings) -> Iterator[Check]:
    """Which companies' conversations go to a language model, with whose key, and how old the exchange rate is."""
    [(tenants, own, off)] = conn.execute(
        """select count(*), count(*) filter (where k.tenant_id is not null), count(*) filter (where not f.enabled)
           from tenants t left join llm_keys k on k.tenant_id = t.id
           left join features f on f.tenant_id = t.id and f.name = 'ai'
           where t.id > 0 and t.suspended_at is null"""
    ).fetchall()
    if not settings.openai_api_key and not own:
        yield Check("language model", State.OK, "no key: the offline analyser judges, and nothing leaves")
        return
    using = f"{settings.openai_model} at {settings.openai_base_url or 'OpenAI'}"
    whose = "on for every company that has not switched it off" if settings.openai_api_key else "by own keys only"
    found = f"{using}, {whose}: {tenants} companies, {off} switched off, {own} with a key of their own"
    yield Check("language model", State.OK, found, "Switch it off for one: prosa ai use --tenant SLUG --off")
    today = datetime.now(UTC).date()
    rate = accounts.rate(conn, today=today)
    if rate is None or rate.is_old(today):
        found = f"R$ {rate.brl_per_usd:.4f} of {rate.on}, older than 30 days" if rate else "none"
        yield Check("exchange rate", State.WARN, found, "Set today's: prosa ai rate 5.40")
