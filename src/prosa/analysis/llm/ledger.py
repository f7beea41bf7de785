"""The ledger: one row a call, written before it is made, with the money reserved. It keeps no text."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from psycopg.types.json import Jsonb

from prosa.analysis.llm.prices import Terms
from prosa.db import Conn, TenantId
from prosa.errors import Unavailable
from prosa.gateways.llm import Usage
from prosa.tenancy import audit

log = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=15)
"""An open call older than this has no process any more: a request takes a minute at most."""
State = Literal["done", "failed", "unknown"]


class BudgetExhausted(Unavailable):
    """The call would exceed a budget; `budget` names it: 'tenant day', 'installation month', …"""

    def __init__(self, budget: str) -> None:
        super().__init__(f"The AI budget ({budget}) is used up.")
        self.budget = budget


@dataclass(frozen=True)
class Entry:
    """What a ledger row says about a call: recipient, purpose, the messages it is about, and the hash of what was sent."""

    purpose: str
    recipient: str
    model: str
    prompt_version: str
    sent_sha256: bytes
    conversation_id: int | None = None
    messages: Sequence[int] = ()
    masked: Mapping[str, int] = field(default_factory=dict)
    batch_id: int | None = None
    own_key: bool = False  # the tenant pays the provider itself


@dataclass(frozen=True)
class Call:
    """A call that the ledger knows and that has not been closed."""

    id: int
    estimated_usd: Decimal
    started_at: datetime


@dataclass(frozen=True)
class End:
    """How a call ended. `usage` is what the provider counted; `reason` says why there is no answer of use."""

    state: State
    usage: Usage | None = None
    reason: str = ""
    provider_id: str = ""
    batch: bool = False  # billed at half the price


def open_call(conn: Conn, tenant: TenantId, entry: Entry, *, estimate: Decimal) -> Call:
    """Reserve `estimate` (US$) in every budget that applies, and write the call down. Raises BudgetExhausted.

    The installation's budgets do not apply if the tenant pays the provider itself.
    """
    for budget in _reserve(conn, estimate, own_key=entry.own_key):
        log.warning("80 %% of the AI budget (%s) are used up; tenant %s", budget, tenant)
        if budget.startswith("tenant"):
            audit.record(conn, tenant, "job:ai", "ai.budget_warning", f"budget:{budget}")
    values = {**vars(entry), "tenant": tenant, "estimate": estimate, "masked": Jsonb(dict(entry.masked)),
              "messages": list(entry.messages)}  # fmt: skip
    row = conn.execute(
        """insert into llm_calls (tenant_id, conversation_id, purpose, recipient, model, prompt_version, messages,
             sent_sha256, masked, batch_id, own_key, estimated_usd)
           values (%(tenant)s, %(conversation_id)s, %(purpose)s, %(recipient)s, %(model)s, %(prompt_version)s,
             %(messages)s, %(sent_sha256)s, %(masked)s, %(batch_id)s, %(own_key)s, %(estimate)s)
           returning id, estimated_usd, started_at""",
        values,
    ).fetchone()
    assert row is not None
    return Call(*row)


def check(conn: Conn, *, estimate: Decimal, own_key: bool) -> None:
    """Raise BudgetExhausted if `estimate` (US$) could not be reserved. Reserves nothing.

    Called before waiting for a slot of the limiter, so that a tenant without money does not use up the others' slots.
    """
    with conn.transaction(force_rollback=True):
        _reserve(conn, estimate, own_key=own_key)


def _reserve(conn: Conn, estimate: Decimal, *, own_key: bool) -> Sequence[str]:
    """Reserve the amount. Returns the budgets of which 80 % are used up by this. Raises BudgetExhausted."""
    row = conn.execute("select refused, warned from llm_reserve(%s, %s)", [estimate, own_key]).fetchone()
    assert row is not None
    refused, warned = row
    if refused:
        raise BudgetExhausted(refused)
    return warned or ()


def close_call(
    conn: Conn, tenant: TenantId, call: int, end: End, *, terms: Terms, keep: Callable[[], None] = lambda: None
) -> Decimal | None:
    """Record how a call ended, and release the part of its reservation that it did not use.

    Returns its cost in US$, or None if it was closed before: nothing is billed twice. The state `unknown` keeps the estimate
    reserved. `keep` stores what the call was made for. It runs before the budgets' rows are locked, which every other call
    is waiting for.
    """
    cost = terms.usd(end.usage, batch=end.batch) if end.usage else Decimal(0)
    unknown = end.state == "unknown"
    row = conn.execute(
        """update llm_calls set state = %(state)s, reason = %(reason)s, provider_id = nullif(%(provider_id)s, ''),
             cost_usd = %(usd)s, cost_brl = %(brl)s, brl_per_usd = %(rate)s, brl_rate_on = %(rate_on)s,
             tokens_input = %(input)s, tokens_cached = %(cached)s, tokens_output = %(output)s, finished_at = now()
           where tenant_id = %(tenant)s and id = %(call)s and state = 'open'
           returning estimated_usd, started_at, own_key, conversation_id""",
        {
            "tenant": tenant, "call": call, "state": end.state, "reason": end.reason, "provider_id": end.provider_id,
            "usd": None if unknown else cost, "brl": None if unknown else terms.brl(cost),
            "rate": terms.brl_per_usd, "rate_on": terms.rate_on, "input": end.usage and end.usage.input,
            "cached": end.usage and end.usage.cached, "output": end.usage and end.usage.output,
        },
    ).fetchone()  # fmt: skip
    if row is None:
        return None
    estimated, started_at, own_key, conversation = row
    keep()
    if cost and conversation is not None:
        conn.execute("select forget_prepared_days(%s, %s)", [tenant, [conversation]])
    if not unknown:
        conn.execute("select llm_adjust(%s, %s, %s)", [cost - estimated, started_at, own_key])
    return cost


def close_lost(conn: Conn, tenant: TenantId, *, older_than: timedelta = LOST_AFTER) -> int:
    """Close calls whose process died, and return how many. They may have been billed, so their estimates stay reserved."""
    return conn.execute(
        """update llm_calls set state = 'unknown', reason = 'lost', finished_at = now()
           where tenant_id = %s and state = 'open' and batch_id is null and started_at < now() - %s""",
        [tenant, older_than],
    ).rowcount
