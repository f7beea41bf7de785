"""`ai_results` in the database: one function, one statement."""

from datetime import datetime

from psycopg.types.json import Jsonb

from prosa.assistant.model import GIVE_UP, LEASE, Feature, Kept, Line, Result, Task
from prosa.db import Conn, TenantId, fetch_all


def claim(conn: Conn, task: Task, *, now: datetime) -> bool:
    """Claim the work, which is done once for each message. What another worker claimed and never finished is free again."""
    return conn.execute(
        """insert into ai_results as r (tenant_id, conversation_id, message_id, feature, created_at)
           values (%(tenant)s, %(conversation)s, %(message)s, %(feature)s, %(now)s)
           on conflict (tenant_id, conversation_id, message_id, feature) do update set created_at = excluded.created_at
           where r.state = 'claimed' and r.created_at <= %(now)s::timestamptz - %(lease)s::interval""",
        {**_key(task), "now": now, "lease": LEASE},
    ).rowcount > 0  # fmt: skip


def finish(conn: Conn, task: Task, found: Result, *, claimed_at: datetime, now: datetime) -> bool:
    """Keep the result. False if another worker has taken the work over."""
    return conn.execute(
        """update ai_results set state = %(state)s, model = %(model)s, prompt_version = %(version)s, result = %(result)s,
             tokens = %(tokens)s, cost = %(cost)s, error = %(error)s, finished_at = %(now)s,
             milliseconds = extract(epoch from %(now)s::timestamptz - created_at) * 1000
           where tenant_id = %(tenant)s and conversation_id = %(conversation)s and message_id = %(message)s
             and feature = %(feature)s and state = 'claimed' and created_at = %(claimed_at)s""",
        {**_key(task), "state": found.state, "model": found.model, "version": found.prompt_version, "now": now,
         "result": Jsonb(dict(found.result)), "tokens": found.tokens, "cost": found.cost, "error": found.error,
         "claimed_at": claimed_at},
    ).rowcount > 0  # fmt: skip


def left(conn: Conn, *, now: datetime, limit: int) -> list[Task]:
    """Work of any tenant that a worker took and never finished. `conn` is the operator's."""
    rows = conn.execute(
        """select tenant_id, conversation_id, message_id, feature from ai_results
           where state = 'claimed' and feature = any(%s) and created_at between %s and %s order by created_at limit %s""",
        [list(Feature), now - GIVE_UP, now - LEASE, limit],  # another version's features are not ours to run
    ).fetchall()
    return [
        Task(TenantId(tenant), conversation, message, Feature(feature))
        for tenant, conversation, message, feature in rows
    ]


def results(
    conn: Conn, tenant: TenantId, conversation_id: int, *, message_id: int | None = None, feature: str | None = None,
    after: tuple[int, str] = (0, ""), limit: int,
) -> list[Kept]:  # fmt: skip
    """The conversation's results in the order of (message, feature), after the position `after`. May be filtered by either."""
    sql = """select message_id, feature, state, model, prompt_version, result, error as reason, tokens,
               cost::float8 as cost_usd, milliseconds, created_at, finished_at
             from ai_results where tenant_id = %(tenant)s and conversation_id = %(conversation)s
               and (message_id, feature) > (%(after_message)s, %(after_feature)s)
               and (%(message)s::bigint is null or message_id = %(message)s)
               and (%(feature)s::text is null or feature = %(feature)s)
             order by message_id, feature limit %(limit)s"""
    values = {"tenant": tenant, "conversation": conversation_id, "message": message_id, "feature": feature,
              "after_message": after[0], "after_feature": after[1], "limit": limit}  # fmt: skip
    return fetch_all(conn, Kept, sql, values)


def lines(conn: Conn, tenant: TenantId, conversation_id: int, *, until: int | None = None, limit: int) -> list[Line]:
    """The chat's last messages that have a text, oldest first, up to the one of id `until`."""
    sql = """select id, sender::text as owner, body, created_at as at from messages
             where tenant_id = %(tenant)s and conversation_id = %(conversation)s and not private and not deleted
               and sender <> 'system' and body <> '' and (%(until)s::bigint is null or id <= %(until)s)
             order by id desc limit %(limit)s"""
    values = {"tenant": tenant, "conversation": conversation_id, "until": until, "limit": limit}
    return fetch_all(conn, Line, sql, values)[::-1]


def answered_since(conn: Conn, task: Task) -> bool:
    """Whether our side has written since the message."""
    sql = """select from messages where tenant_id = %(tenant)s and conversation_id = %(conversation)s and id > %(message)s
               and sender in ('agent', 'bot') and not private limit 1"""
    return conn.execute(sql, _key(task)).fetchone() is not None


def company(conn: Conn, tenant: TenantId) -> dict[str, str | None]:
    """What a reply may say about the company that is speaking."""
    row = conn.execute("select name, segment, timezone from tenants where id = %s", [tenant]).fetchone()
    assert row is not None
    return {"name": row[0], "segment": row[1], "timezone": row[2]}


def _key(task: Task) -> dict[str, object]:
    return {
        "tenant": task.tenant,
        "conversation": task.conversation_id,
        "message": task.message_id,
        "feature": task.feature,
    }
