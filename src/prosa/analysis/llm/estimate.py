"""Estimates what an analysis by the model would cost, before anything is spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prosa.analysis import store
from prosa.analysis.llm import attempts, prices
from prosa.analysis.llm.attempts import Claim
from prosa.analysis.llm.calls import Line, prepare
from prosa.analysis.llm.one_conversation import open_case
from prosa.db import Conn, TenantId

SAMPLE = 100


@dataclass(frozen=True)
class Estimate:
    """An upper bound of the cost: output is counted at its limit. `sampled` conversations were read, and stand for the others.

    `marked` conversations are counted by their reason and not priced: they wait for another try, or were given up until the
    contact writes again.
    """

    conversations: int
    marked: Mapping[str, int]
    sampled: int
    tokens: int
    usd: Decimal
    brl: Decimal


def estimate(conn: Conn, tenant: TenantId, line: Line, *, limit: int | None = None) -> Estimate:
    """Count what is due and price a sample of it. Raises Unavailable where no price is known."""
    marked = attempts.marked(conn, tenant)
    due = store.count_stale(conn, tenant) - sum(marked.values())
    count = due if limit is None else min(due, limit)
    terms = prices.terms(conn, line.gateway.model)
    sample = store.stale(conn, tenant, after=None, limit=min(SAMPLE, count)) if count else []
    tokens, usd = 0, Decimal(0)
    for item in sample:
        case = open_case(conn, tenant, Claim(item.conversation_id, item.read_to))
        most = prices.most(prepare(case.question(), line.gateway.model)[0])
        tokens += most.input + most.output
        usd += terms.usd(most)
    share = Decimal(count) / len(sample) if sample else Decimal(0)
    return Estimate(count, marked, len(sample), round(tokens * share), usd * share, terms.brl(usd * share))
