"""The provider's batch interface: the backlog's answers within a day, at half the price.

A batch's conversations stay claimed until it is fetched. Its answers are read against the same questions, which are made
again from the store: the hash in the ledger tells whether a conversation is still what was sent. Nothing of it is kept here.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from prosa.analysis.llm import attempts, calls, ledger, policy, prices
from prosa.analysis.llm.answers import parse
from prosa.analysis.llm.attempts import Claim
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.ledger import BudgetExhausted
from prosa.analysis.llm.one_conversation import Case, failure, keep, open_case
from prosa.db import Conn, Database, TenantId, fetch_all
from prosa.errors import Unavailable
from prosa.gateways.llm import LlmFailed, Problem, Reply, Request, Usage

log = logging.getLogger(__name__)

MOST = 500  # conversations of one batch
FEWEST = 20  # fewer are not worth a day's waiting
PART = 25  # calls of one transaction: the budget's rows are locked until it ends
LEASE = timedelta(hours=26)


@dataclass(frozen=True)
class _Open:
    """A call of a batch that has no answer yet."""

    id: int
    conversation_id: int
    sent_sha256: bytes
    read_to: datetime | None
    tries: int | None


def submit(db: Database, tenant: TenantId, line: Line, *, fewest: int = FEWEST) -> int:
    """Hand the next part of the tenant's backlog to the provider, if the tenant wants that. Returns the number of calls."""
    if not line.has_batches or _is_waiting(db, tenant) or not _has_price(db, tenant, line):
        return 0
    with db.tenant(tenant) as conn:
        claims = attempts.claim(conn, tenant, limit=MOST, lease=LEASE) if _wants(conn, tenant) else []
        if len(claims) < fewest:
            _release(conn, tenant, claims)
            return 0
        number = _new_batch(conn, tenant, line, len(claims))
    requests: list[tuple[str, Request]] = []
    for at in range(0, len(claims), PART):
        with db.tenant(tenant) as conn:
            part = _open_calls(conn, tenant, line, claims[at : at + PART], number)
            requests += part
            if len(part) < len(claims[at : at + PART]):  # the budget holds no more
                _release(conn, tenant, claims[at + PART :])
                break
    if not requests:
        _finish(db, tenant, number, "lost")
        return 0
    try:
        batch = line.gateway.submit(requests)
    except LlmFailed as failed:
        log.warning("no batch for tenant %s: %s", tenant, failed)
        _give_back(db, tenant, line, number, reason=failed.problem, state="failed")
        return 0
    with db.tenant(tenant) as conn:
        conn.execute(
            "update llm_batches set provider_id = %s, state = %s where tenant_id = %s and id = %s",
            [batch.id, batch.state, tenant, number],
        )
    return len(requests)


def fetch(db: Database, tenant: TenantId, line: Line) -> int:
    """Keep the answers of the tenant's finished batches. Returns how many. Conversations without an answer are put back."""
    with db.tenant(tenant) as conn:
        waiting = conn.execute(
            """select id, provider_id, created_at < now() - interval '26 hours' from llm_batches
               where tenant_id = %s and finished_at is null and recipient = %s order by id""",
            [tenant, line.gateway.host],
        ).fetchall()
    found = 0
    for number, provider_id, is_old in waiting:
        try:
            if provider_id is None and is_old:  # killed between the ledger and the provider
                _give_back(db, tenant, line, number, reason="lost", state="unknown")
            elif provider_id is not None:
                found += _fetch(db, tenant, line, number, provider_id)
        except LlmFailed as failed:
            log.warning("batch %s of tenant %s: %s", number, tenant, failed)
            if is_old:  # another account's: the key has changed since
                _give_back(db, tenant, line, number, reason="lost", state="unknown")
    return found


def _fetch(db: Database, tenant: TenantId, line: Line, number: int, provider_id: str) -> int:
    batch = line.gateway.poll(provider_id)
    with db.tenant(tenant) as conn:
        conn.execute(
            "update llm_batches set state = %s, polled_at = now() where tenant_id = %s and id = %s",
            [batch.state, tenant, number],
        )
        open_calls = {str(call.id): call for call in _calls(conn, tenant, number)}
    if not batch.done:
        return 0
    found = 0
    for key, result in line.gateway.results(batch):
        if call := open_calls.pop(key, None):
            _keep(db, tenant, line, call, result)
            found += 1
    _give_back(db, tenant, line, number, reason=batch.state, state="failed")
    return found


def _keep(db: Database, tenant: TenantId, line: Line, call: _Open, result: Reply | LlmFailed) -> None:
    """Keep one answer of a batch, or mark its conversation if there is none of use."""
    with db.tenant(tenant) as conn:
        terms = prices.terms(conn, line.gateway.model)
        case = _case(conn, tenant, call)
    if isinstance(result, LlmFailed):
        _close(db, tenant, call, terms, reason=result.problem, usage=result.usage)
        if case:
            failure(db, tenant, case, result)
        return
    question = case.question() if case else None
    request, mask = calls.prepare(question, line.gateway.model) if question else (None, None)
    if case is None or question is None or request is None or mask is None or calls.digest(request) != call.sent_sha256:
        # The contact has written meanwhile, or the conversation is gone: the answer is paid for, and of no use.
        _close(db, tenant, call, terms, reason="overtaken", usage=result.usage)
        with db.tenant(tenant) as conn:
            attempts.release(conn, tenant, call.conversation_id)
        return
    try:
        value = parse(result.text, question.schema, mask)
    except LlmFailed as failed:
        _close(db, tenant, call, terms, reason=failed.problem, usage=result.usage)
        failure(db, tenant, case, LlmFailed(Problem.BROKEN, str(failed)))  # passing: it is asked again by itself
        return
    answered = calls.Unbilled(call.id, result, terms, batch=True)
    calls.finish(db, tenant, line, question, answered, value, keep=lambda conn, given: keep(conn, tenant, case, given))


def _case(conn: Conn, tenant: TenantId, call: _Open) -> Case | None:
    """The conversation as it is now; None if it is no longer claimed."""
    if call.read_to is None:
        return None
    return open_case(conn, tenant, Claim(call.conversation_id, call.read_to, call.tries or 0))


def _open_calls(
    conn: Conn, tenant: TenantId, line: Line, claims: list[Claim], number: int
) -> list[tuple[str, Request]]:
    """Open a ledger row for each, with half the price reserved. Those that the budget has no room for are put back."""
    terms = prices.terms(conn, line.gateway.model)
    requests: list[tuple[str, Request]] = []
    for at, claim in enumerate(claims):
        question = open_case(conn, tenant, claim).question()
        request, mask = calls.prepare(question, line.gateway.model)
        entry = calls.entry(line, question, request, mask, batch_id=number)
        try:
            call = ledger.open_call(conn, tenant, entry, estimate=terms.usd(prices.most(request), batch=True))
        except BudgetExhausted:
            _release(conn, tenant, claims[at:])
            break
        requests.append((str(call.id), request))
    return requests


def _new_batch(conn: Conn, tenant: TenantId, line: Line, count: int) -> int:
    row = conn.execute(
        "insert into llm_batches (tenant_id, recipient, requests) values (%s, %s, %s) returning id",
        [tenant, line.gateway.host, count],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _calls(conn: Conn, tenant: TenantId, number: int) -> list[_Open]:
    sql = """select k.id, k.conversation_id, k.sent_sha256, t.read_to, t.tries
             from llm_calls k
             left join analysis_tries t on t.tenant_id = k.tenant_id and t.conversation_id = k.conversation_id
             where k.tenant_id = %s and k.batch_id = %s and k.state = 'open'"""
    return fetch_all(conn, _Open, sql, [tenant, number])


def _close(
    db: Database, tenant: TenantId, call: _Open, terms: prices.Terms, *, reason: str, usage: Usage | None,
    state: ledger.State = "failed",
) -> None:  # fmt: skip
    with db.tenant(tenant) as conn:
        ledger.close_call(conn, tenant, call.id, ledger.End(state, usage, reason, batch=True), terms=terms)


def _give_back(db: Database, tenant: TenantId, line: Line, number: int, *, reason: str, state: ledger.State) -> None:
    """Close the batch, and release the conversations that have no answer."""
    with db.tenant(tenant) as conn:
        terms = prices.terms(conn, line.gateway.model)
        left = _calls(conn, tenant, number)
    for call in left:
        _close(db, tenant, call, terms, reason=reason, usage=None, state=state)
        with db.tenant(tenant) as conn:
            attempts.release(conn, tenant, call.conversation_id)
    _finish(db, tenant, number, reason)


def _finish(db: Database, tenant: TenantId, number: int, state: str) -> None:
    with db.tenant(tenant) as conn:
        conn.execute(
            "update llm_batches set finished_at = now(), state = %s where tenant_id = %s and id = %s",
            [state, tenant, number],
        )


def _release(conn: Conn, tenant: TenantId, claims: list[Claim]) -> None:
    for claim in claims:
        attempts.release(conn, tenant, claim.conversation_id)


def _wants(conn: Conn, tenant: TenantId) -> bool:
    found = policy.read(conn, tenant)
    return found.wanted and found.batch


def _has_price(db: Database, tenant: TenantId, line: Line) -> bool:
    """Whether the model's price is known. Asked before anything is claimed for a day: without a price no budget can be kept."""
    try:
        with db.tenant(tenant) as conn:
            prices.terms(conn, line.gateway.model)
    except Unavailable as error:
        log.warning("no batch for tenant %s: %s", tenant, error)
        return False
    return True


def _is_waiting(db: Database, tenant: TenantId) -> bool:
    """Whether a batch of the tenant is under way. There is one at a time, so we know how the last one went."""
    with db.tenant(tenant) as conn:
        row = conn.execute(
            "select exists (select from llm_batches where tenant_id = %s and finished_at is null)", [tenant]
        )
        return bool((row.fetchone() or (False,))[0])
