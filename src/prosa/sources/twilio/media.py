"""Media of inbound messages. A job fetches them from Twilio and keeps them in the media store."""

from dataclasses import dataclass
from datetime import datetime

from prosa.db import Conn, Database, TenantId, fetch_all
from prosa.errors import Unavailable
from prosa.gateways import media_store
from prosa.gateways.twilio import media as twilio_media
from prosa.gateways.twilio.media import Refused
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts


@dataclass(frozen=True)
class Waiting:
    """A file that has not been fetched yet."""

    id: int
    conversation_id: int
    url: str
    content_type: str


def fetch(
    db: Database, tenant: TenantId, message_id: int, account_id: int, *, settings: Settings, now: datetime
) -> None:
    """Fetch the files of a message that are not here yet. No transaction is open meanwhile; a second call does no harm.

    Raises Unavailable if Twilio or the store does not answer. The other files are kept all the same.
    """
    with db.tenant(tenant) as conn:
        waiting = _waiting(conn, tenant, message_id)
        account = accounts.credentials(conn, tenant, account_id, settings) if waiting else None
    missing = None
    for file in waiting:
        assert account is not None
        try:
            _fetch_one(db, tenant, file, account, settings, now)
        except Unavailable as error:
            missing = error
    if missing:
        raise missing


def give_up(conn: Conn, tenant: TenantId, message_id: int, problem: str) -> None:
    """Stop waiting for this message's media."""
    conn.execute(
        """update message_media set state = 'failed', problem = %s
           where tenant_id = %s and message_id = %s and state = 'waiting'""",
        [problem, tenant, message_id],
    )


def forget(db: Database, tenant: TenantId, *, settings: Settings) -> int:
    """Remove the files of erased media from the store. Returns how many. Raises Unavailable; then try again."""
    with db.tenant(tenant) as conn:
        rows = conn.execute(
            "select id, object_key from message_media where tenant_id = %s and state = 'erased' and object_key is not null",
            [tenant],
        ).fetchall()
    for media_id, key in rows:
        media_store.delete(settings, key)
        with db.tenant(tenant) as conn:
            conn.execute(
                "update message_media set object_key = null where tenant_id = %s and id = %s", [tenant, media_id]
            )
    return len(rows)


def forget_tenant(tenant: TenantId, *, settings: Settings) -> None:
    """Remove every file of a tenant that was deleted. Raises Unavailable; then try again."""
    media_store.delete_below(settings, str(tenant))


def _fetch_one(
    db: Database, tenant: TenantId, file: Waiting, account: Account, settings: Settings, now: datetime
) -> None:
    try:
        if not twilio_media.is_taken(file.content_type):
            raise Refused("Files of this kind are not kept.")  # noqa: TRY301  (the same end as where its host says so)
        fetched = twilio_media.fetch(account, file.url)
    except Refused as refused:
        with db.tenant(tenant) as conn:
            conn.execute(
                "update message_media set state = 'refused', problem = %s where tenant_id = %s and id = %s and state = 'waiting'",
                [str(refused), tenant, file.id],
            )
        return
    key = f"{tenant}/{file.conversation_id}/{file.id}"
    media_store.put(settings, key, fetched.data)
    with db.tenant(tenant) as conn:
        kept = conn.execute(
            """update message_media set state = 'kept', object_key = %s, bytes = %s, content_type = %s, fetched_at = %s
               where tenant_id = %s and id = %s and state = 'waiting'""",
            [key, len(fetched.data), fetched.content_type, now, tenant, file.id],
        ).rowcount
        is_wanted = kept or _state(conn, tenant, file.id) == "kept"
    if not is_wanted:  # the contact's data were erased, or the tenant deleted, while we fetched
        media_store.delete(settings, key)


def _waiting(conn: Conn, tenant: TenantId, message_id: int) -> list[Waiting]:
    sql = """select id, conversation_id, url, content_type from message_media
             where tenant_id = %s and message_id = %s and state = 'waiting' order by position"""
    return fetch_all(conn, Waiting, sql, [tenant, message_id])


def _state(conn: Conn, tenant: TenantId, media_id: int) -> str | None:
    row = conn.execute(
        "select state::text from message_media where tenant_id = %s and id = %s", [tenant, media_id]
    ).fetchone()
    return row[0] if row else None
