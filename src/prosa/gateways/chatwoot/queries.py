"""The queries of a stream's rows, fitted to the columns that this Chatwoot has."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from prosa.gateways.chatwoot.columns import ACCOUNT_OF_AGENT, CHANNEL_TABLES, POSSIBLE
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import AGENTS, BY_CONVERSATION, CONTACTS, CONVERSATIONS, Stream

# Chatwoot's index keeps users from being twice in an account; a database restored without its indexes may have them so.
_FROM = {"agents": "users t join (select distinct account_id, user_id from account_users) u on u.user_id = t.id"}

_BESIDE = {
    "inboxes": tuple(CHANNEL_TABLES),
    "conversations": ("taggings", "tags"),
}  # tables that columns are computed from


@dataclass(frozen=True)
class Scope:
    """Which rows of a Chatwoot database are wanted: whole accounts, and chosen inboxes of others."""

    accounts: tuple[int, ...]  # every account that has anything wanted
    whole_accounts: tuple[int, ...]
    chosen_inboxes: tuple[int, ...]


def select(
    reader: Reader, stream: Stream, scope: Scope, condition: str = "true", *, scanned: bool = False, **values: object
) -> sql.Composed:
    """The query of a stream's rows in the scope that meet `condition`, which may name `values` in braces.

    `scanned`: the table has no index for the condition, and few rows meet it. The condition is then tested before the scope,
    which takes a quarter less time. (Left to itself, the planner tests whatever is cheapest first.)
    """
    known = dict(reader.columns.get(stream.table, {}))
    known |= {f"{table}.{column}": kind for table in _BESIDE.get(stream.name, ())
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


def literal(value: object) -> sql.Composable:
    """A value inside a COPY query, which takes no parameters. A sequence of integers becomes an array."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sql.SQL("'{{{}}}'::bigint[]").format(sql.SQL(",".join(str(int(v)) for v in value)))
    return sql.Literal(value)


def _in_scope(stream: Stream, scope: Scope) -> sql.Composable:
    """The condition that a row of the stream belongs to the scope."""
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
