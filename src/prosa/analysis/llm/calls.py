"""One question to the model: a slot of the limiter, money from the budget, the call, its check, the ledger.

No transaction is open across the network. A process killed at any moment leaves an open ledger row, whose estimate stays
reserved; what the answer is for is kept in the transaction that closes the call, so neither exists without the other.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic

from prosa.analysis.llm import ledger, limiter, prices
from prosa.analysis.llm.answers import T, parse, strict
from prosa.analysis.llm.ledger import Entry
from prosa.analysis.llm.limiter import Quota
from prosa.analysis.llm.masking import Mask
from prosa.analysis.llm.prices import Terms
from prosa.analysis.llm.prompt import Prompt, turns
from prosa.db import Conn, Database, TenantId
from prosa.gateways.llm import Gateway, LlmFailed, Problem, Reply, Request
from prosa.gateways.llm.model import MAYBE_BILLED, PASSING

TRIES = 4
FIRST_PAUSE = 0.5  # seconds; doubled with each try, and varied so that workers do not come back together


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked of the model, and the form of the answer: `schema`, a Pydantic model.

    Instructions stand in `prompt`. Everything from outside goes into `variables`, by tag name, as data: it is masked before it
    leaves, and restored in the answer. `conversation_id` and `messages` (ids) go on record with the call.
    """

    purpose: str
    prompt: Prompt
    variables: Mapping[str, Any]
    schema: type[T]
    conversation_id: int | None = None
    messages: Sequence[int] = ()
    max_tokens: int = 800


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A valid answer with personal data restored, who gave it, and what it took. `cost_usd` is that of its last call alone."""

    value: T
    model: str
    prompt_version: str
    tokens: int
    cost_usd: Decimal


@dataclass(frozen=True)
class Line:
    """Where a question goes.

    `patience`: how long (seconds) a caller waits for its turn. `has_batches`: whether the endpoint has a batch interface.
    `payer`: the tenant whose own account pays (None: the installation's).
    """

    gateway: Gateway
    quota: Quota = field(default_factory=Quota)
    patience: float = 60.0
    has_batches: bool = True
    payer: TenantId | None = None

    @property
    def bucket(self) -> str:
        """The limiter's name for this endpoint, model and account."""
        account = "" if self.payer is None else f" tenant {self.payer}"
        return f"{self.gateway.host} {self.gateway.model}{account}"


@dataclass(frozen=True)
class Unbilled:
    """A call that was answered and is not billed yet: its number in the ledger, the reply, and the prices."""

    call: int
    reply: Reply
    terms: Terms
    batch: bool = False  # billed at half the price

    def end(self, state: ledger.State, reason: str = "") -> ledger.End:
        """What to tell the ledger."""
        return ledger.End(state, self.reply.usage, reason, self.reply.id, self.batch)


Keep = Callable[[Conn, Answer[T]], None]


def perform(
    db: Database, tenant: TenantId, line: Line, question: Question[T], *, keep: Keep[T] | None = None
) -> Answer[T]:
    """Ask until there is a valid answer, with a few tries and one repair; `keep` runs in the transaction that bills it.

    Raises LlmFailed, BudgetExhausted, LimitReached, and Unavailable where no price is known.
    """
    request, mask = prepare(question, line.gateway.model)
    repaired = False
    for tried in range(1, TRIES + 1):
        try:
            answered = _attempt(db, tenant, line, question, request, mask)
        except LlmFailed as failed:
            if failed.problem not in PASSING or tried == TRIES:
                raise
            _pause(db, tenant, line, failed, tried)
            continue
        try:
            value = parse(answered.reply.text, question.schema, mask)
        except LlmFailed as failed:
            with db.tenant(tenant) as conn:
                ledger.close_call(
                    conn, tenant, answered.call, answered.end("failed", failed.problem), terms=answered.terms
                )
            if repaired or tried == TRIES:
                raise
            request, repaired = repair(request, answered.reply, failed), True
            continue
        return finish(db, tenant, line, question, answered, value, keep=keep)
    raise AssertionError("the last try returns or raises")


def prepare(question: Question[Any], model: str) -> tuple[Request, Mask]:
    """The request as it leaves, and the mask that restores its answer. The same question gives the same request."""
    mask = Mask()
    asked = turns(question.prompt, mask.hide(question.variables))
    name = question.schema.__name__.lower()
    return Request(model, asked, name, strict(question.schema), question.max_tokens), mask


def entry(line: Line, question: Question[Any], request: Request, mask: Mask, *, batch_id: int | None = None) -> Entry:
    """The ledger's entry about a call."""
    return Entry(
        question.purpose, line.gateway.host, request.model, question.prompt.version, digest(request),
        question.conversation_id, question.messages, mask.counts, batch_id, line.payer is not None,
    )  # fmt: skip


def digest(request: Request) -> bytes:
    """The hash of what is sent."""
    return hashlib.sha256(json.dumps(request.turns).encode()).digest()


def repair(request: Request, reply: Reply, failed: LlmFailed) -> Request:
    """The same question once more, with the answer that did not fit and what is wrong with it."""
    wrong = f"That answer does not fit the schema: {failed}. Answer again, with the whole JSON object and nothing else."
    more = (("assistant", reply.text), ("user", wrong))
    return Request(request.model, request.turns + more, request.schema_name, request.schema, request.max_tokens)


def finish(
    db: Database, tenant: TenantId, line: Line, question: Question[T], answered: Unbilled, value: T, *,
    keep: Keep[T] | None,
) -> Answer[T]:  # fmt: skip
    """Bill the call and keep what it was for, in one transaction. `value` is the reply, parsed."""
    usage, terms = answered.reply.usage, answered.terms
    cost = terms.usd(usage, batch=answered.batch)
    tokens = usage.input + usage.output
    answer = Answer(value, line.gateway.model, question.prompt.version, tokens, cost)
    with db.tenant(tenant) as conn:
        ledger.close_call(
            conn, tenant, answered.call, answered.end("done"), terms=terms,
            keep=lambda: keep(conn, answer) if keep else None,
        )  # fmt: skip
    return answer


def _attempt(
    db: Database, tenant: TenantId, line: Line, question: Question[Any], request: Request, mask: Mask
) -> Unbilled:
    """Make one call. One that fails is closed here, and raises LlmFailed."""
    most, written_down = prices.most(request), entry(line, question, request, mask)
    with db.tenant(tenant) as conn:
        terms = prices.terms(conn, request.model)
        ledger.check(conn, estimate=terms.usd(most), own_key=written_down.own_key)
    limiter.take(db, tenant, line.bucket, line.quota, tokens=most.input + most.output, patience=line.patience)
    with db.tenant(tenant) as conn:
        opened = ledger.open_call(conn, tenant, written_down, estimate=terms.usd(most))
    try:
        reply = line.gateway.complete(request)
    except LlmFailed as failed:
        state: ledger.State = "unknown" if failed.problem in MAYBE_BILLED else "failed"
        with db.tenant(tenant) as conn:
            end = ledger.End(state, failed.usage, failed.problem)
            ledger.close_call(conn, tenant, opened.id, end, terms=terms)
        raise
    if reply.limits.pause:
        limiter.hold(db, tenant, line.bucket, reply.limits.pause)
    return Unbilled(opened.id, reply, terms)


def _pause(db: Database, tenant: TenantId, line: Line, failed: LlmFailed, tried: int) -> None:
    """Wait before the next try. If the provider says that it is full, everyone who asks by this account waits."""
    own = FIRST_PAUSE * 2 ** (tried - 1) * random.uniform(0.5, 1.5)  # noqa: S311  (no secret)
    asked = failed.retry_after if failed.retry_after is not None else failed.limits.pause if failed.limits else 0.0
    if failed.problem is Problem.RATE_LIMIT:
        limiter.hold(db, tenant, line.bucket, asked or own)
    else:
        time.sleep(min(max(own, asked), line.patience))
