"""Runs AI features on messages, each feature once for each message.

The work is claimed first, and no transaction is open while the model thinks.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from prosa.analysis.llm import Answer, Question
from prosa.analysis.offline.sentiment import sentiment
from prosa.assistant import ending, reply, store
from prosa.assistant.model import WAIT_SECONDS, Feature, Result, State, Task, wanted
from prosa.conversations import messages, policy
from prosa.conversations.ending import awaits_confirmation
from prosa.conversations.service import get_conversation
from prosa.db import Conn, Database, TenantId
from prosa.errors import Conflict
from prosa.queue import enqueue
from prosa.settings import Settings
from prosa.tenancy.features import list_features

RUN = "assistant.run"  # the task, by name: it stands on a floor above
MAX_TOKENS = {Feature.REPLY: 500, Feature.ENDING: 60}
T = TypeVar("T", bound=BaseModel)
Clock = Callable[[], datetime]


class Ask(Protocol):
    """prosa.analysis.llm.ask, perhaps with another endpoint."""

    def __call__(self, db: Database, tenant: TenantId, question: Question[T]) -> Answer[T] | None:
        """The model's answer; None where there is none."""


class Overtaken(Conflict):
    """Another worker took this one for dead and has taken over. What this one did is rolled back."""


def request(conn: Conn, tenant: TenantId, conversation_id: int, message_id: int) -> list[Feature]:
    """Enqueue the tenant's features for a contact's message, in the caller's transaction. A second call does no harm."""
    settings = list_features(conn, tenant)
    conversation = get_conversation(conn, tenant, conversation_id)
    features = wanted(settings, likely_farewell=awaits_confirmation(conversation, message_id))
    for feature in features:
        send(conn, Task(tenant, conversation_id, message_id, feature),
             after_seconds=WAIT_SECONDS if feature is Feature.REPLY else 0)  # fmt: skip
    return features


def send(conn: Conn, task: Task, *, after_seconds: int = 0) -> None:
    """Enqueue one task."""
    enqueue(conn, RUN, after_seconds=after_seconds, tenant_id=task.tenant, conversation_id=task.conversation_id,
            message_id=task.message_id, feature=task.feature.value)  # fmt: skip


def run(db: Database, task: Task, *, ask: Ask, settings: Settings, clock: Clock) -> Result | None:
    """Do the work and keep its result. None if it has been done, or is being done, by another worker."""
    claimed_at = clock()
    with db.tenant(task.tenant) as conn:
        if not store.claim(conn, task, now=claimed_at):
            return None
        case = _prepare(conn, task, settings=settings, now=claimed_at)
        if isinstance(case, Result):
            store.finish(conn, task, case, claimed_at=claimed_at, now=clock())
            return case
    answer = _ask(db, task, case, ask)
    try:
        with db.tenant(task.tenant) as conn:
            found = _apply(conn, task, case, answer, ours=policy.read(conn, task.tenant, settings), now=clock())
            _keep(conn, task, found, claimed_at=claimed_at, now=clock())
            return found
    except Overtaken:
        return None


def _keep(conn: Conn, task: Task, found: Result, *, claimed_at: datetime, now: datetime) -> None:
    if not store.finish(conn, task, found, claimed_at=claimed_at, now=now):
        raise Overtaken


def _prepare(conn: Conn, task: Task, *, settings: Settings, now: datetime) -> reply.Case | ending.Case | Result:
    match task.feature:
        case Feature.REPLY:
            return reply.prepare(conn, task, secret_keys=settings.secret_keys, now=now)
        case Feature.ENDING:
            return ending.prepare(conn, task)
        case Feature.SENTIMENT:
            return _sentiment(conn, task)


def _ask(db: Database, task: Task, case: reply.Case | ending.Case, ask: Ask) -> Answer[Any] | None:
    if isinstance(case, reply.Case) and case.to_person:
        return None  # a person is asked for: no model need be
    question: Question[Any] = Question(
        task.feature, case.prompt, case.variables, reply.Reply if isinstance(case, reply.Case) else ending.Ended,
        task.conversation_id, [line.id for line in case.lines], MAX_TOKENS[task.feature],
    )  # fmt: skip
    return ask(db, task.tenant, question)


def _apply(
    conn: Conn, task: Task, case: reply.Case | ending.Case, answer: Answer[Any] | None, *, ours: policy.Policy,
    now: datetime,
) -> Result:  # fmt: skip
    if isinstance(case, reply.Case):
        return reply.apply(conn, task, case, answer, policy=ours, now=now)
    return ending.apply(conn, task, case, answer, now=now)


def _sentiment(conn: Conn, task: Task) -> Result:
    """The message's sentiment by the offline analyser: one short message does not need a model."""
    message = messages.find_message(conn, task.tenant, task.conversation_id, task.message_id)
    if message is None or not message.body:
        return Result(State.SKIPPED, error="no_text")
    label, score = sentiment(message.body)
    return Result(State.DONE, {"label": label.value, "score": score}, model="offline")
