"""Connecting a tenant to a Chatwoot account, or to chosen inboxes of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from prosa.crypto import decrypt, encrypt, fingerprint
from prosa.db import Conn, TenantId
from prosa.errors import Invalid, NotFound
from prosa.gateways.chatwoot import compatibility
from prosa.gateways.chatwoot import reader as chatwoot
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import states, store
from prosa.sources.model import ID_SPACE, server_name
from prosa.sources.session import Refresh
from prosa.tenancy import audit
from prosa.tenancy.rotation import SERVER


@dataclass(frozen=True)
class Account:
    """A Chatwoot account as its database shows it."""

    id: int
    name: str
    inboxes: list[tuple[int, str, str]]  # (id, name, channel type)


@dataclass(frozen=True)
class Connected:
    """What `connect` did."""

    source_id: int
    account: Account
    chosen_inboxes: list[int] | None
    reload: bool  # the choice changed: the next run reads everything
    server: str  # its `server_name`


def accounts(dsn: str) -> list[Account]:
    """The accounts of a Chatwoot database with their inboxes. Raises SourceLost, or Invalid saying what is missing."""
    with chatwoot.read(dsn) as reader:
        compatibility.check(reader)
        return _accounts(reader)


def connect(
    conn: Conn, tenant: TenantId, *, secret_keys: Sequence[str], dsn: str, account_id: int,
    inboxes: Sequence[int] = (), actor: str,
) -> Connected:  # fmt: skip
    """Make a Chatwoot account, or some `inboxes` of it, a source of the tenant. A second call changes the inboxes or the login.

    Without `inboxes` the whole account is read, including inboxes added later. An account with the same number and name at
    another address is taken for the same account, moved.

    Raises Invalid if the account or an inbox does not exist. Raises Busy if a long run is reading the tenant's data: that run
    would not see this change, and would save watermarks that no longer fit.
    """
    with chatwoot.read(dsn) as reader:
        compatibility.check(reader)
        account = _find(_accounts(reader), account_id)
        server = _fingerprint(secret_keys[0], reader)
    unknown = set(inboxes) - {inbox for inbox, _, _ in account.inboxes}
    if unknown:
        there = ", ".join(f"{i} ({name})" for i, name, _ in account.inboxes) or "none"
        raise Invalid(f"Account {account_id} has no inbox {', '.join(map(str, sorted(unknown)))}. It has: {there}.")
    chosen = sorted(set(inboxes)) or None
    store.wait_for_etl(conn, tenant)
    source_id, reload = _save(conn, tenant, account, encrypt(secret_keys, dsn), server, chosen)
    after = {"account": account_id, "inboxes": chosen}
    audit.record(conn, tenant, actor, "chatwoot.connect", f"source:{source_id}", after=after)
    return Connected(source_id, account, chosen, reload, server_name(server))


def stored_dsn(conn: Conn, tenant: TenantId, source_id: int, *, secret_keys: Sequence[str]) -> str:
    """The connection string of a Chatwoot source, to test it. Raises NotFound, and Invalid where SECRET_KEY does not fit."""
    row = conn.execute(
        "select dsn_encrypted from sources where tenant_id = %s and id = %s and kind = 'chatwoot' and enabled",
        [tenant, source_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no Chatwoot source {source_id}.")
    return decrypt(secret_keys, bytes(row[0]))


def disconnect(conn: Conn, tenant: TenantId, source_id: int, *, actor: str) -> None:
    """Stop reading this source, and forget its login. What was read stays; connecting again goes on from there. Audited.

    Raises NotFound where it is not connected.
    """
    forgotten = conn.execute(
        """update sources set enabled = false, dsn_encrypted = null, api_token_encrypted = null
           where tenant_id = %s and id = %s and kind = 'chatwoot' and enabled""",
        [tenant, source_id],
    ).rowcount
    if not forgotten:
        raise NotFound(f"There is no Chatwoot source {source_id}.")
    audit.record(conn, tenant, actor, "chatwoot.disconnect", f"source:{source_id}")


def add_inbox(conn: Conn, tenant: TenantId, source_id: int, inbox: int, *, name: str, actor: str) -> None:
    """Add an inbox to the chosen ones of a source. The next run reads everything, since the inbox has older conversations.

    Audited. Does nothing if the source reads it already. Raises Busy as `connect` does.
    """
    store.wait_for_etl(conn, tenant)
    changed = conn.execute(
        """update sources set chosen_inboxes = array_append(chosen_inboxes, %(inbox)s)
           where tenant_id = %(tenant)s and id = %(source)s and not %(inbox)s = any(chosen_inboxes)""",
        {"tenant": tenant, "source": source_id, "inbox": inbox},
    ).rowcount
    if not changed:
        return
    conn.execute(
        "update inboxes set assigned = true where tenant_id = %s and source_id = %s and id = %s",
        [tenant, source_id, source_id * ID_SPACE + inbox],
    )
    _forget_watermarks(conn, tenant, source_id)
    audit.record(conn, tenant, actor, "inbox.map", f"source:{source_id}", after={"inbox": name})


def mark_bots(conn: Conn, tenant: TenantId, source_id: int, users: Sequence[int], *, refresh: Refresh) -> int:
    """Mark these Chatwoot users as programs (docs/domain.md, rule 5). Returns how many conversations' facts changed.

    Raises Busy as `connect` does: messages that a run is about to commit would be missed. Raises Invalid for a number outside
    the source's id space: added to the base it would be another source's user.
    """
    if wrong := [user for user in users if not 0 < user < ID_SPACE]:
        raise Invalid(f"No Chatwoot user has the number {', '.join(map(str, wrong))}.")
    store.wait_for_etl(conn, tenant)
    ids = [source_id * ID_SPACE + user for user in users]
    for agent in ids:
        conn.execute(
            """insert into agents (tenant_id, source_id, id, is_bot) values (%s, %s, %s, true)
               on conflict (tenant_id, id) do update set is_bot = true""",
            [tenant, source_id, agent],
        )
    touched = store.ids(
        conn,
        """select conversation_id from messages where tenant_id = %(tenant)s and agent_id = any(%(ids)s)
           union select conversation_id from conversation_events where tenant_id = %(tenant)s and agent_id = any(%(ids)s)
           union select id from conversations where tenant_id = %(tenant)s and assignee_id = any(%(ids)s)""",
        tenant=tenant, ids=ids,
    )  # fmt: skip
    states.derive(conn, tenant, touched)
    return refresh(conn, tenant, touched)


def _accounts(reader: Reader) -> list[Account]:
    if "id" not in reader.columns.get("accounts", {}):
        raise Invalid("The table accounts is missing or not readable: is this Chatwoot's database?")
    names = reader.rows(sql.SQL(f"select id, {_name(reader, 'accounts')} from accounts order by id").format())
    inboxes = reader.rows(
        sql.SQL(f"select account_id, id, {_name(reader, 'inboxes')}, channel_type from inboxes order by id").format()
    )
    return [Account(id, name, [(i, n, c) for a, i, n, c in inboxes if a == id]) for id, name in names]


def _name(reader: Reader, table: str) -> str:
    """The expression of a row's name: empty where it is missing, or may not be read."""
    return "coalesce(name, '')" if "name" in reader.columns[table] else "''"


def _find(known: list[Account], account_id: int) -> Account:
    for account in known:
        if account.id == account_id:
            return account
    there = ", ".join(f"{a.id} ({a.name})" for a in known) or "none"
    raise Invalid(f"This Chatwoot has no account {account_id}. It has: {there}.")


def _fingerprint(secret_key: str, reader: Reader) -> bytes:
    """A keyed hash of server, database and login: equal for every tenant, and it does not reveal the address."""
    info = reader.conn.info
    where = f"{info.host}:{info.port}/{info.dbname}/{info.user}"
    return fingerprint(secret_key, SERVER, where)


def _forget_watermarks(conn: Conn, tenant: TenantId, source_id: int) -> None:
    """Have the next run read everything."""
    conn.execute("delete from etl_watermarks where tenant_id = %s and source_id = %s", [tenant, source_id])


def _save(
    conn: Conn, tenant: TenantId, account: Account, dsn: bytes, fingerprint: bytes, chosen: list[int] | None
) -> tuple[int, bool]:
    """Insert or update the source. Returns its number and whether what it covers has changed."""
    existing = conn.execute(
        """select id, chosen_inboxes, server_fingerprint from sources
           where tenant_id = %(tenant)s and kind = 'chatwoot' and account_id = %(account)s
             and (server_fingerprint = %(fingerprint)s or name = %(name)s)
           order by server_fingerprint = %(fingerprint)s desc limit 1 for update""",
        {"tenant": tenant, "account": account.id, "fingerprint": fingerprint, "name": account.name},
    ).fetchone()
    if existing is not None:
        source_id, chosen_before, fingerprint_before = existing
        conn.execute(
            """update sources set dsn_encrypted = %s, server_fingerprint = %s, chosen_inboxes = %s, enabled = true
               where tenant_id = %s and id = %s""",
            [dsn, fingerprint, chosen, tenant, source_id],
        )
        changed: bool = (chosen_before, fingerprint_before) != (chosen, fingerprint)
        if changed:  # what was read so far says nothing about another server, or about other inboxes
            _forget_watermarks(conn, tenant, source_id)
        return source_id, changed
    row = conn.execute(
        """insert into sources (tenant_id, id, kind, name, dsn_encrypted, server_fingerprint, account_id, chosen_inboxes)
           select %(tenant)s, coalesce(max(id), 0) + 1, 'chatwoot', %(name)s, %(dsn)s, %(fingerprint)s, %(account)s, %(chosen)s
           from sources where tenant_id = %(tenant)s returning id""",
        {"tenant": tenant, "name": account.name, "dsn": dsn, "fingerprint": fingerprint, "account": account.id,
         "chosen": chosen},
    ).fetchone()  # fmt: skip
    assert row is not None
    return row[0], False
