"""Merges staged rows into the store, one statement for each stream.

A row is written only if it differs, so merging the same rows again costs little and counts as unchanged. What a staged row
becomes is said in mapping.py.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prosa.db.connection import Conn, bigints
from prosa.sources import store
from prosa.sources.mapping import MESSAGES, WITHOUT_SOURCE, Target
from prosa.sources.model import Phase, Source


def merge(
    conn: Conn, source: Source, target: Target, *, staged: int, fresh: bool = False, keys: Sequence[int] | None = None
) -> Phase:
    """Merge the staged rows of one source into the store. `staged`: how many rows its account has.

    `fresh`: none of the rows can be in the store yet, so nothing is looked up. That makes a first load fast. `keys`: the
    `staged_keys`, if the caller knows them already.
    """
    phase = Phase(target.table)
    values = parameters(source) | {"keys": bigints(staged_keys(conn, source, target) if keys is None else keys)}
    statement = (_INSERT if fresh else _MERGE).format(**_parts(target))
    if not fresh:
        conn.execute(b"set local enable_nestloop = off")
    done = conn.execute(statement.encode(), values)
    if fresh:
        merged = phase.inserted = done.rowcount
    else:
        merged, phase.inserted, phase.updated = done.fetchone() or (0, 0, 0)
    phase.unchanged = merged - phase.inserted - phase.updated
    if target.rejects:
        if not fresh:
            _take_back(conn, target, values)
        if staged != merged:
            phase.rejected = _set_aside(conn, target, values)
    phase.read = merged + phase.rejected
    return phase


def staged_rows(target: Target) -> str:
    """The query that turns staged rows into rows of the store, with the target's `columns`."""
    return _STAGED.format(**_parts(target))


def columns(target: Target) -> str:
    """The columns that a merge writes."""
    return _parts(target)["columns"]


def staged_keys(conn: Conn, source: Source, target: Target) -> list[int]:
    """The ids that staged rows have in the store: of conversations their own, of other targets the first column of the key."""
    rows = conn.execute(
        f"""select distinct %(base)s + {target.key[0]} from stage_{target.stream.name}
            where account_id = %(account)s and {target.key[0]} is not null""".encode(),
        parameters(source),
    )
    return [row[0] for row in rows]


def touched_conversations(conn: Conn, source: Source) -> list[int]:
    """The ids of conversations in the store that any staged row belongs to."""
    parts = " union ".join(
        f"select %(base)s + {key} from stage_{stage} where account_id = %(account)s and {key} is not null"
        for stage, key in (("conversations", "id"), ("messages", "conversation_id"), ("events", "conversation_id"),
                           ("csat", "conversation_id"))
    )  # fmt: skip
    return sorted(store.known(conn, source.tenant_id, "conversations", store.ids(conn, parts, **parameters(source))))


def parameters(source: Source) -> dict[str, Any]:
    """The parameters of a source's statements."""
    return {
        "tenant": source.tenant_id, "source": source.id, "base": source.base, "account": source.account_id,
        "chosen": source.chosen_inboxes, "latest": datetime.now(UTC) + timedelta(days=365),
    }  # fmt: skip


_STAGED = (
    """select {expressions} from {staged} s where s.account_id = %(account)s and ({keeps}) and not ({unreadable})"""
)
# The order puts a conversation's messages, which are always read together, on one or two pages. In the source's order, that of
# creation, each would lie on a page of its own. (Ordering them among themselves too would make the sort a third slower.)
_INSERT = "insert into {table} ({columns}) " + _STAGED + " order by s.{key_0}"
# The store's rows are read once, by the keys of the staged ones, and hashed. A planner without statistics (a young tenant, a
# staging table) guesses one row and would rather loop, which reads the whole tenant for every row.
# A conversation's rows are read only from the lowest staged id on: mostly the staged rows are new, and nothing is read.
# New rows are inserted without "on conflict", which costs half as much.
_MERGE = (
    """with s ({columns}) as materialized ("""
    + _STAGED
    + """),
here as materialized (select {key}, {changing} from {table} where tenant_id = %(tenant)s and {key_0} = any(%(keys)s){within}),
differing as materialized (select s.*, t.{key_0} is null as is_new from s left join here t on {same}
  where t.{key_0} is null or ({t_changing}) is distinct from ({s_changing})),
added as (insert into {table} ({columns}) select {columns} from differing where is_new returning true),
changed as (insert into {table} ({columns}) select {columns} from differing where not is_new
  on conflict (tenant_id, {key}) do update set ({changing}) = row({excluded}) returning true)
select (select count(*) from s), (select count(*) from added), (select count(*) from changed)"""
)


def _parts(target: Target) -> dict[str, str]:
    """What the statements' templates are filled with."""
    b = "%(base)s"
    expressions = {
        "tenant_id": "%(tenant)s::bigint",
        **({} if target.table in WITHOUT_SOURCE else {"source_id": "%(source)s::integer"}),
        **{key: f"{b} + s.{key}" for key in target.key},
        **{column: expression.format(b=b) for column, expression in (target.columns | target.initial).items()},
    }
    changing = list(target.columns)
    return {
        "table": target.table,
        "columns": ", ".join(expressions),
        "expressions": ", ".join(expressions.values()),
        "staged": _staged(target),
        "keeps": target.keeps.format(b=b),
        "unreadable": _unreadable(target),
        "changing": ", ".join(changing),
        "t_changing": ", ".join(f"t.{c}" for c in changing),
        "s_changing": ", ".join(f"s.{c}" for c in changing),
        "excluded": ", ".join(f"excluded.{c}" for c in changing),
        "key": ", ".join(target.key),
        "key_0": target.key[0],
        "within": " and id >= (select min(id) from s)" if "id" in target.key[1:] else "",
        "same": " and ".join(f"t.{key} = s.{key}" for key in target.key),
    }


def _staged(target: Target) -> str:
    """The staged rows, as a relation. Messages come with their attributes, parsed once a row (`offset 0` keeps it so)."""
    if target is not MESSAGES:
        return f"stage_{target.stream.name}"
    parsed = "select *, readable_json(content_attributes) as attributes from stage_messages"
    return f"({parsed} where account_id = %(account)s offset 0)"


def _set_aside(conn: Conn, target: Target, values: dict[str, Any]) -> int:
    """Keep the staged rows that cannot be read, each with its reason. Returns how many this run had not put aside before.

    A run may read a row twice: when it reconciles after following, or tries again after a lost connection. (The outer query
    sees the table as it was before the insert.)
    """
    reasons = " ".join(f"when {condition} then '{reason}'" for condition, reason in target.rejects)
    keeps = target.keeps.format(b="%(base)s")
    [(count,)] = conn.execute(
        f"""with aside as (
              insert into etl_rejects (tenant_id, source_id, stream, external_id, reason, source_row)
              select %(tenant)s, %(source)s, '{target.stream.name}', s.id, case {reasons} end, to_jsonb(s)
              from {_staged(target)} s
              where s.account_id = %(account)s and s.id is not null and ({keeps}) and ({_unreadable(target)})
              on conflict (tenant_id, source_id, stream, external_id) do update
              set reason = excluded.reason, source_row = excluded.source_row, last_seen_at = now()
              returning tenant_id, source_id, stream, external_id)
            select count(*) from aside left join etl_rejects r using (tenant_id, source_id, stream, external_id)
            where (r.last_seen_at >= (select max(started_at) from etl_runs
                                      where tenant_id = %(tenant)s and source_id = %(source)s)) is not true""".encode(),
        values,
    ).fetchall()
    return int(count)


def _take_back(conn: Conn, target: Target, values: dict[str, Any]) -> None:
    """Delete the rejects whose staged rows can be read now."""
    conn.execute(
        f"""delete from etl_rejects r using {_staged(target)} s
            where r.tenant_id = %(tenant)s and r.source_id = %(source)s and r.stream = '{target.stream.name}'
              and s.account_id = %(account)s and r.external_id = s.id and not ({_unreadable(target)})""".encode(),
        values,
    )


def _unreadable(target: Target) -> str:
    """The condition that a staged row cannot be read."""
    return " or ".join(condition for condition, _ in target.rejects) or "false"
