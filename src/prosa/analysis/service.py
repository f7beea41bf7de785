"""Analysing what is new: pulls the conversations without a current insight and keeps what was understood."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from prosa.analysis import store
from prosa.analysis.model import Insight, Owner, Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.store import Message, Stale
from prosa.db import Conn, Database, TenantId

BATCH = 200  # conversations a transaction: about a second of work at most

log = logging.getLogger(__name__)
OWNERS = {"contact": Owner.USER, "agent": Owner.AGENT, "bot": Owner.BOT}
Analyser = Callable[..., Insight]


@dataclass(frozen=True)
class Counts:
    """Conversations that got an insight, and those that did not (the log, or the table analysis_tries, says why).

    `offline` of the analysed ones were judged by the offline analyser in place of the model. `cost_usd` is what the insights
    cost.
    """

    analysed: int = 0
    skipped: int = 0
    offline: int = 0
    cost_usd: Decimal = Decimal(0)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.analysed + other.analysed,
            self.skipped + other.skipped,
            self.offline + other.offline,
            self.cost_usd + other.cost_usd,
        )


def analyse_tenant(
    db: Database, tenant: TenantId, *, limit: int | None = None,
    on_batch: Callable[[Counts], None] = lambda counts: None, analyser: Analyser = analyse,
) -> Counts:  # fmt: skip
    """Analyse up to `limit` conversations, newest first, one transaction a batch.

    It may be killed, or run twice at once: each batch locks the tenant and asks again what is left.
    """
    total, after = Counts(), None
    while limit is None or total.analysed + total.skipped < limit:
        size = BATCH if limit is None else min(BATCH, limit - total.analysed - total.skipped)
        with db.tenant(tenant) as conn:
            counts, after = analyse_batch(conn, tenant, after=after, size=size, analyser=analyser)
        if after is None:
            break
        total += counts
        on_batch(counts)
    return total


def analyse_batch(
    conn: Conn, tenant: TenantId, *, after: Stale | None, size: int, analyser: Analyser = analyse
) -> tuple[Counts, Stale | None]:
    """Analyse the next conversations. Returns where to go on, or None when nothing was left."""
    store.lock(conn, tenant)
    batch = store.stale(conn, tenant, after=after, limit=size)
    if not batch:
        return Counts(), None
    segment = store.segment(conn, tenant)
    read = store.messages(conn, tenant, [item.conversation_id for item in batch])
    by_conversation = {key: list(group) for key, group in groupby(read, key=lambda message: message.conversation_id)}
    counts = Counts()
    for item in batch:
        history = by_conversation.get(item.conversation_id, [])
        counts += Counts(analysed=1) if _analyse(conn, tenant, item, history, segment, analyser) else Counts(skipped=1)
    return counts, batch[-1]


def _analyse(
    conn: Conn, tenant: TenantId, item: Stale, history: Sequence[Message], segment: str | None, analyser: Analyser
) -> bool:
    """Analyse one conversation. One that cannot be read must not hold up the others: it is logged and tried again."""
    try:
        insight = analyser([Utterance(OWNERS[m.sender], m.body, m.created_at) for m in history], segment=segment)
    except Exception:
        log.exception("conversation %s of tenant %s could not be analysed", item.conversation_id, tenant)
        return False
    store.save(conn, tenant, item, insight, evidence=[history[index].id for index in insight.evidence])
    return True
