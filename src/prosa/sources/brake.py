"""Refuses runs that would delete most of what was read from a source.

Perhaps somebody deleted those rows on purpose. Or the DSN now leads to an empty, half restored or different database; then the
run would delete conversations with everything that Prosa knows about them. A person has to decide which it is.
"""

from collections.abc import Sequence

from psycopg import sql

from prosa.gateways.chatwoot import queries
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import store
from prosa.sources.mapping import CONVERSATIONS, MESSAGES, Target
from prosa.sources.merging import parameters
from prosa.sources.model import ID_SPACE, Run
from prosa.sources.session import Session, scope_of

LEAST = 100  # rows in the store; below this number a loss is not questioned
ADVICE = (
    "Nothing was deleted here. Is it the right database, and whole? If that was deleted on purpose: "
    "prosa etl run --tenant {slug} --reconcile --accept-deletions"
)


def with_inboxes(session: Session, runs: Sequence[Run]) -> list[Run]:
    """The runs whose account still has an inbox, or from which nothing was read before. The others are refused.

    Checked in every run: the inboxes are staged anyway, so it costs the source nothing.
    """
    with session.staged() as conn:
        accounts = set(store.ids(conn, "select distinct account_id from stage_inboxes"))
    for run in runs:
        if run.source.account_id not in accounts and not session.deletions_accepted:
            with session.tenant(run.source) as conn:
                if store.has_rows(conn, run.source):
                    _refuse(run, f"Chatwoot's database shows no inbox of account {run.source.account_id} any more.")
    return [run for run in runs if not run.refused]


def mostly_there(session: Session, reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """The runs whose source still has at least half of the conversations and messages read before. The others are refused.

    Checked only before everything is compared, since it counts the rows on both sides.
    """
    for run in runs:
        for target in (CONVERSATIONS, MESSAGES) if not session.deletions_accepted else ():
            here, there = _here(session, run, target), _there(reader, run, target)
            if here >= LEAST and there < here / 2:
                _refuse(run, f"Of {here} {target.table} that were read, Chatwoot's database has {there} left.")
    return [run for run in runs if not run.refused]


def _refuse(run: Run, what: str) -> None:
    run.refused = f"{what} {ADVICE.format(slug=run.source.tenant_slug)}"


def _here(session: Session, run: Run, target: Target) -> int:
    """How many rows the store has in the inboxes that are read now. Choosing fewer inboxes is not a loss."""
    key = target.key[0]
    with session.tenant(run.source) as conn:
        [count] = store.ids(
            conn,
            f"""select count(*) from {target.table}
                where tenant_id = %(tenant)s and {key} >= %(base)s and {key} < %(base)s + {ID_SPACE}
                  and (%(chosen)s::bigint[] is null or {key} in (
                    select id from conversations where tenant_id = %(tenant)s and inbox_id - %(base)s = any(%(chosen)s)))""",
            **parameters(run.source),
        )
    return count


def _there(reader: Reader, run: Run, target: Target) -> int:
    wanted = queries.select(reader, target.stream, scope_of([run]))
    return int(reader.rows(sql.SQL("select count(*) from ({}) as wanted").format(wanted))[0][0])
