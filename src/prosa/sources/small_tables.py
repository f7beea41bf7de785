"""Tables with so few rows that every run stages them whole: inboxes, agents, teams, labels."""

from collections.abc import Sequence

from prosa.db import Conn
from prosa.sources import merging
from prosa.sources.mapping import Target
from prosa.sources.model import Phase, Source


def compare(conn: Conn, source: Source, targets: Sequence[Target]) -> list[tuple[Target, int, bool]]:
    """For tables that are staged whole: how many rows are staged, and whether they differ from the store.

    One statement compares all tables. In most runs nothing has changed, and planning a merge for each would cost more.
    """
    parts = []
    rows_of = "select string_agg(r::text, chr(10) order by r::text) from"
    for number, target in enumerate(targets):
        here = f"""select {merging.columns(target)} from {target.table} where tenant_id = %(tenant)s
                   and source_id = %(source)s {"and not removed" if "removed" in target.columns else ""}"""
        parts.append(f"""select {number}, (select count(*) from stage_{target.stream.name} where account_id = %(account)s),
          ({rows_of} ({merging.staged_rows(target)}) r) is distinct from ({rows_of} ({here}) r)""")
    rows = conn.execute(" union all ".join(parts).encode(), merging.parameters(source))
    return [(targets[number], count, differs) for number, count, differs in rows]


def merge(conn: Conn, source: Source, target: Target, staged: int) -> Phase:
    """Merge a table that is staged whole. Rows that the source no longer has are marked as removed; labels are deleted."""
    phase = merging.merge(conn, source, target, staged=staged)
    gone = f"""from {target.table} t where t.tenant_id = %(tenant)s and t.source_id = %(source)s and not exists (
      select from stage_{target.stream.name} s where s.account_id = %(account)s and t.id = %(base)s + s.id)"""
    statement = f"delete {gone}"
    if "removed" in target.columns:
        statement = f"""update {target.table} u set removed = true where u.tenant_id = %(tenant)s and not u.removed
                        and u.id in (select t.id {gone})"""
    phase.deleted = conn.execute(statement.encode(), merging.parameters(source)).rowcount
    return phase
