"""What is read of Chatwoot: the streams, each the rows of one table, and the queries that yield them."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from prosa.errors import Invalid
from prosa.gateways.chatwoot.columns import (
    ACCOUNT,
    ACCOUNT_OF_AGENT,
    ATTRIBUTES,
    CAMPAIGN,
    CHANNEL_TABLES,
    CREATED,
    ID,
    INBOXES_OF_CONTACT,
    MEDIUM_OF_CHANNEL,
    PHONE_OF_CHANNEL,
    POSSIBLE,
    UPDATED,
    Column,
    text,
)
from prosa.gateways.chatwoot.reader import Reader


@dataclass(frozen=True)
class Stream:
    """Rows of one of Chatwoot's tables. `where` narrows it for good."""

    name: str
    table: str
    columns: tuple[Column, ...]
    where: str = "true"


INBOXES = Stream("inboxes", "inboxes", (
    ACCOUNT, ID, text("name"), Column("channel_type", "text"), text("timezone"), PHONE_OF_CHANNEL, MEDIUM_OF_CHANNEL,
))  # fmt: skip
AGENTS = Stream("agents", "users", (ACCOUNT_OF_AGENT, ID, text("name"), text("email")))
TEAMS = Stream("teams", "teams", (ACCOUNT, ID, text("name")))
LABELS = Stream("labels", "labels", (ACCOUNT, ID, text("title"), text("color")))
CONTACTS = Stream("contacts", "contacts", (
    ACCOUNT, ID, text("name"), text("email"), text("phone_number"), text("identifier"),
    Column("blocked", "boolean", substitute="false"), CREATED, UPDATED,
    INBOXES_OF_CONTACT,
))  # fmt: skip
CONVERSATIONS = Stream("conversations", "conversations", (
    ACCOUNT, ID, Column("inbox_id", "bigint"), Column("display_id", "bigint"), Column("contact_id", "bigint"),
    Column("assignee_id", "bigint", substitute="null"), Column("team_id", "bigint", substitute="null"),
    Column("status", "integer"), Column("priority", "integer", substitute="null"), text("cached_label_list"),
    Column("first_reply_created_at", "timestamp", substitute="null"), CREATED, UPDATED,
    Column("last_activity_at", "timestamp", substitute="t.updated_at"),
))  # fmt: skip
MESSAGES = Stream("messages", "messages", (
    # what is always there and of one length first: it is found without walking the rest
    ACCOUNT, Column("conversation_id", "bigint"), ID, CREATED, UPDATED, Column("message_type", "integer"),
    Column("private", "boolean"), CAMPAIGN, Column("status", "integer", substitute="null"),
    Column("sender_id", "bigint", substitute="null"), text("sender_type"), ATTRIBUTES, text("content"),
))  # fmt: skip
EVENTS = Stream("events", "reporting_events", (
    ACCOUNT, Column("conversation_id", "bigint"), ID, Column("name", "text"),
    Column("user_id", "bigint", substitute="null"), Column("event_end_time", "timestamp", substitute="null"), CREATED,
), where="t.conversation_id is not null and t.name in "
         "('conversation_resolved', 'conversation_bot_handoff', 'conversation_opened')")  # fmt: skip
CSAT = Stream("csat", "csat_survey_responses", (
    ACCOUNT, Column("conversation_id", "bigint"), ID, Column("rating", "integer"), text("feedback_message"), CREATED,
))  # fmt: skip
STREAMS = (INBOXES, AGENTS, TEAMS, LABELS, CONTACTS, CONVERSATIONS, MESSAGES, EVENTS, CSAT)
BY_CONVERSATION = (MESSAGES, EVENTS, CSAT)
OPTIONAL_TABLES = {"teams", "labels", "csat_survey_responses", "reporting_events"}


@dataclass(frozen=True)
class Scope:
    """Which rows of a Chatwoot database are wanted: whole accounts, and chosen inboxes of others."""

    accounts: tuple[int, ...]  # every account that has anything wanted
    whole_accounts: tuple[int, ...]
    chosen_inboxes: tuple[int, ...]


def select(
    reader: Reader, stream: Stream, scope: Scope, condition: str = "true", *, scanned: bool = False, **values: object
) -> sql.Composed:
    """The query of a stream's rows in the scope that meet `condition`, which may name {values}.

    `scanned`: the table has no index for the condition, and few rows meet it. The condition is then tested before the scope,
    which takes a quarter less time. (The planner would first test whatever is cheapest.)
    """
    known = dict(reader.columns.get(stream.table, {}))
    if stream is INBOXES:
        known |= {f"{table}.{column}": kind for table in CHANNEL_TABLES
                  for column, kind in reader.columns.get(table, {}).items()}  # fmt: skip
    if stream is CONTACTS and scope.chosen_inboxes:
        known["inboxes"] = "bigint[]"
    columns = [
        sql.SQL("({})::{} as {}").format(
            sql.SQL(column.expression(known)), sql.SQL(column.type), sql.Identifier(column.name))
        for column in stream.columns
    ]  # fmt: skip
    # `is true`: else the planner may walk the whole index of ids where we have forbidden it to scan the table
    wanted = sql.SQL(f"{{}} and {{}} and (t.id {POSSIBLE}) is true").format(
        _in_scope(stream, scope), sql.SQL(stream.where)
    )
    return sql.SQL("select {} from {} where " + ("case when {} then {} end" if scanned else "({}) and {}")).format(
        sql.SQL(", ").join(columns), sql.SQL(_FROM.get(stream.name, f"{stream.table} t")),
        sql.SQL(condition).format(**{k: literal(v) for k, v in values.items()}), wanted,
    )  # fmt: skip


def users(reader: Reader, ids: Sequence[int]) -> sql.Composed:
    """The query of users' (id, name, e-mail), whether they work in an account or not."""
    known = reader.columns["users"]
    columns = [sql.SQL(column.expression(known)) for column in AGENTS.columns if column is not ACCOUNT_OF_AGENT]
    return sql.SQL("select {} from users t where t.id = any({}) order by t.id").format(
        sql.SQL(", ").join(columns), literal(ids))  # fmt: skip


def available(reader: Reader, stream: Stream) -> bool:
    """Whether this Chatwoot has the stream at all."""
    return stream.table not in OPTIONAL_TABLES or stream.table in reader.columns


def literal(value: object) -> sql.Composable:
    """A value inside a COPY query, which takes no parameters. A sequence of integers becomes an array."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sql.SQL("'{{{}}}'::bigint[]").format(sql.SQL(",".join(str(int(v)) for v in value)))
    return sql.Literal(value)


# Chatwoot's index keeps users from being twice in an account; a database restored without its indexes may have them so.
_FROM = {"agents": "users t join (select distinct account_id, user_id from account_users) u on u.user_id = t.id"}


def _in_scope(stream: Stream, scope: Scope) -> sql.Composable:
    account = "u.account_id" if stream is AGENTS else "t.account_id"
    accounts = sql.SQL(f"{account} = any({{}})").format(literal(scope.accounts))
    if not scope.chosen_inboxes or stream not in (CONTACTS, CONVERSATIONS, *BY_CONVERSATION):
        return accounts
    whole = sql.SQL(f"{account} = any({{}})").format(literal(scope.whole_accounts))
    chosen = literal(scope.chosen_inboxes)
    if stream is CONVERSATIONS:
        some = sql.SQL("t.inbox_id = any({})").format(chosen)
    else:
        key = "c.contact_id = t.id" if stream is CONTACTS else "c.id = t.conversation_id"
        some = sql.SQL(f"exists (select from conversations c where {key} and c.inbox_id = any({{}}))").format(chosen)
    return sql.SQL("({} and ({} or {}))").format(accounts, whole, some)


def check(reader: Reader) -> None:
    """Raise Invalid if tables or columns that every Chatwoot has are missing, not readable, or of a type that stops a read."""
    missing = _missing(reader)
    if missing:
        raise Invalid(
            "Chatwoot's database cannot be read: " + ", ".join(missing) + " are missing or not readable by this login. "
            "If this is Chatwoot's database, its owner runs deploy/chatwoot-reader.sql there: the login prosa_reader may then "
            "read what is needed, and no secrets. Without that care: grant select on all tables in schema public to <login>;"
        )
    if unfit := _unfit(reader):
        raise Invalid(
            "Chatwoot's database cannot be read: " + ", ".join(unfit) + ". Somebody altered that; "
            "give it back its type there: alter table … alter … type … using …"
        )


def _unfit(reader: Reader) -> list[str]:
    """Columns of a wrong type by which rows are found, or whose values this server cannot try one by one."""
    tries = reader.conn.info.server_version >= 160000  # it has pg_input_is_valid
    columns = {(stream.table, column) for stream in STREAMS for column in stream.columns}
    return sorted(
        f"{table}.{column.name} is {reader.columns[table][column.name]} instead of {column.type}"
        for table, column in columns
        if not column.fits(reader.columns.get(table, {})) and (column.name in _COMPARED or not tries)
    )


def _missing(reader: Reader) -> list[str]:
    """Tables and columns that every version has and this login cannot read."""
    absent = []
    for stream in STREAMS:
        if not available(reader, stream):
            continue
        known = reader.columns.get(stream.table)
        if not known:
            absent.append(stream.table)
            continue
        needed = [c.name for c in stream.columns if c.substitute is None and c.computed is None]
        needed += _FOLLOWED.get(stream.name, []) + (["channel_id"] if stream is INBOXES else [])
        absent += [f"{stream.table}.{name}" for name in dict.fromkeys(needed) if name not in known]
    staff = reader.columns.get("account_users", {})
    absent += [f"account_users.{name}" for name in ("account_id", "user_id") if name not in staff]
    return absent


# By which an incremental run finds what changed.
_FOLLOWED = {stream.name: ["updated_at", "xmin"] for stream in (CONTACTS, CONVERSATIONS, *BY_CONVERSATION)}
# By which rows are found, joined or held in the scope.
_COMPARED = {"id", "account_id", "inbox_id", "contact_id", "conversation_id", "created_at", "updated_at"}
