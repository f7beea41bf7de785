"""Analysing one conversation by the model: the result is an insight, or a mark with the reason why there is none."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from prosa.analysis import store
from prosa.analysis.llm import attempts, policy
from prosa.analysis.llm import insight as asking
from prosa.analysis.llm.attempts import Claim
from prosa.analysis.llm.calls import Answer, Line, Question, perform
from prosa.analysis.llm.insight import Reading, Verdict
from prosa.analysis.llm.ledger import BudgetExhausted
from prosa.analysis.llm.policy import Policy
from prosa.analysis.llm.segments import wanted_fields
from prosa.analysis.model import Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.service import OWNERS, Counts
from prosa.analysis.store import Message
from prosa.db import Conn, Database, TenantId
from prosa.errors import Unavailable
from prosa.gateways.llm import LlmFailed
from prosa.gateways.llm.model import OF_THE_ACCOUNT, PASSING

log = logging.getLogger(__name__)


class Stop(Enum):
    """Who cannot go on: one tenant, whose budget is used up, or everyone who asks by the same account."""

    TENANT = auto()
    ACCOUNT = auto()


@dataclass(frozen=True)
class Outcome:
    """What became of a conversation. `passing`: it failed because the provider is not well, so others may fail as well."""

    counts: Counts
    stop: Stop | None = None
    passing: bool = False


@dataclass(frozen=True)
class Case:
    """A conversation as it was read from the store, with what its tenant wants to know."""

    claim: Claim
    messages: Sequence[Message]
    reading: Reading
    segment: str | None
    policy: Policy

    def question(self) -> Question[Verdict]:
        """What the model is asked."""
        fields = wanted_fields(self.segment, self.policy.fields)
        ids = [message.id for message in self.messages]
        return asking.ask_about(
            self.reading, segment=self.segment, fields=fields, conversation_id=self.claim.conversation_id, messages=ids
        )


def analyse_one(db: Database, tenant: TenantId, line: Line, claim: Claim) -> Outcome:
    """Analyse a claimed conversation."""
    with db.tenant(tenant) as conn:
        case = open_case(conn, tenant, claim)
    if not case.policy.wanted:
        return _offline(db, tenant, case)
    try:
        answer = perform(db, tenant, line, case.question(), keep=lambda conn, answer: keep(conn, tenant, case, answer))
    except LlmFailed as failed:
        return failure(db, tenant, case, failed)
    except Unavailable as error:
        return _unavailable(db, tenant, case, error)
    return Outcome(Counts(analysed=1, cost_usd=answer.cost_usd))


def open_case(conn: Conn, tenant: TenantId, claim: Claim) -> Case:
    """Read a conversation, and what its tenant wants to know."""
    messages = store.messages(conn, tenant, [claim.conversation_id])
    history = [Utterance(OWNERS[m.sender], m.body, m.created_at) for m in messages]
    return Case(claim, messages, asking.read(history), store.segment(conn, tenant), policy.read(conn, tenant))


def keep(conn: Conn, tenant: TenantId, case: Case, answer: Answer[Verdict]) -> None:
    """Save the insight, in the transaction that bills the call."""
    found = asking.to_insight(answer, case.reading, segment=case.segment)
    store.save(conn, tenant, case.claim, found, evidence=[case.messages[at].id for at in found.evidence])
    attempts.done(conn, tenant, case.claim.conversation_id)


def failure(db: Database, tenant: TenantId, case: Case, failed: LlmFailed) -> Outcome:
    """Mark the conversation; where it is given up and the tenant wants that, the offline analyser judges it."""
    log.warning("conversation %s of tenant %s: %s", case.claim.conversation_id, tenant, failed)
    if failed.problem in OF_THE_ACCOUNT:
        return _unavailable(db, tenant, case, failed)
    passing = failed.problem in PASSING
    with db.tenant(tenant) as conn:
        given_up = attempts.fail(conn, tenant, case.claim, reason=failed.problem, for_good=not passing)
        if given_up and case.policy.offline_fallback:
            _save_offline(conn, tenant, case)
            return Outcome(Counts(analysed=1, offline=1), passing=passing)
    return Outcome(Counts(skipped=1), passing=passing)


def _unavailable(db: Database, tenant: TenantId, case: Case, error: LlmFailed | Unavailable) -> Outcome:
    """There is no money, slot or key. That is not the conversation's fault, so it waits, or is analysed offline."""
    of_tenant = isinstance(error, BudgetExhausted) and error.budget.startswith("tenant")
    if isinstance(error, BudgetExhausted) and case.policy.offline_fallback:
        return _offline(db, tenant, case)
    log.warning("analysis of tenant %s waits: %s", tenant, error)
    with db.tenant(tenant) as conn:
        attempts.release(conn, tenant, case.claim.conversation_id)
    return Outcome(Counts(skipped=1), Stop.TENANT if of_tenant else Stop.ACCOUNT)


def _offline(db: Database, tenant: TenantId, case: Case) -> Outcome:
    with db.tenant(tenant) as conn:
        _save_offline(conn, tenant, case)
        attempts.done(conn, tenant, case.claim.conversation_id)
    return Outcome(Counts(analysed=1, offline=1))


def _save_offline(conn: Conn, tenant: TenantId, case: Case) -> None:
    found = analyse(case.reading.history, segment=case.segment)
    store.save(conn, tenant, case.claim, found, evidence=[case.messages[at].id for at in found.evidence])
