"""Answers the contact, only from the tenant's facts and only while no person has taken over. In doubt a person takes over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from prosa.analysis.llm import Answer, Prompt, load
from prosa.assistant import store
from prosa.assistant.asking_person import asks_for_person
from prosa.assistant.model import LONGEST_REPLY, Line, ReplySettings, Result, State, Task, reply_settings
from prosa.assistant.obstacles import obstacle
from prosa.conversations import messages, outbox
from prosa.conversations.model import Conversation, NewMessage, Owner
from prosa.conversations.policy import Policy
from prosa.conversations.service import get_conversation, move
from prosa.conversations.states import State as Stage
from prosa.conversations.states import may_become
from prosa.db import Conn
from prosa.tenancy.features import get_feature

PROMPTS = Path(__file__).parent / "prompts"
HISTORY = 20  # messages
LONGEST_LINE = 1500  # characters
ACTOR = "assistant"
# What a reply may not make up: addresses, sums of money, shares, and every number of two digits or more.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w[\w.]*")
NUMBER = re.compile(r"\d+(?:[.,:/h-]?\d+)*")
MONEY = re.compile(rf"\$\s*({NUMBER.pattern})|({NUMBER.pattern})\s*(?:%|reais|por cento)")
NO_DIGIT = re.compile(r"\D")


class Reply(BaseModel):
    """What the model would answer."""

    text: str
    hand_over: bool
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Case:
    """A message to be answered, as it was read. `to_person` says why no model is asked."""

    settings: ReplySettings
    prompt: Prompt
    variables: Mapping[str, Any]
    known: str  # what the company itself has said or written down
    lines: Sequence[Line]
    to_person: str | None = None


def prepare(conn: Conn, task: Task, *, secret_keys: Sequence[str], now: datetime) -> Case | Result:
    """Read what is to be answered; a Result that says why if there is nothing to answer."""
    conversation = get_conversation(conn, task.tenant, task.conversation_id)
    if reason := obstacle(conn, task, conversation, secret_keys=secret_keys, now=now):
        return Result(State.SKIPPED, error=reason)
    feature = get_feature(conn, task.tenant, task.feature)
    settings = reply_settings(feature.config if feature else {})
    lines = store.lines(conn, task.tenant, task.conversation_id, until=task.message_id, limit=HISTORY)
    company = store.company(conn, task.tenant)
    local = now.astimezone(ZoneInfo(str(company.pop("timezone"))))
    variables = {
        "company": company | {"now": f"{local:%Y-%m-%d %H:%M}"},
        "facts": settings.facts,
        "conversation": [{"from": line.owner, "text": line.body[:LONGEST_LINE]} for line in lines],
    }
    known = "\n".join([settings.facts, settings.prompt, *(line.body for line in lines if line.owner != "contact")])
    return Case(settings, prompt(settings), variables, known, lines, _to_person(lines, task))


def prompt(settings: ReplySettings) -> Prompt:
    """Our instructions and the tenant's, whose hash becomes part of the version. Contacts' texts are data and not in here."""
    ours = load("reply.v1", PROMPTS)
    if not settings.prompt:
        return ours
    named = sha256(settings.prompt.encode()).hexdigest()[:8]
    return Prompt(f"{ours.version}+{named}", f"{ours.text}\n\nHow this company wants it:\n{settings.prompt}")


def decide(said: Reply | None, settings: ReplySettings, *, known: str) -> str | None:
    """Why a person must take over; None if the reply may go out."""
    if said is None:
        return "no_answer"
    if said.hand_over:
        return "model"
    text = said.text.strip()
    if not text or len(text) > LONGEST_REPLY or said.confidence < settings.sure_from:
        return "unsure"
    return None if is_grounded(text, known) else "not_in_facts"


def is_grounded(text: str, known: str) -> bool:
    """Whether every address and every telling number of the reply is one that the company itself has given."""
    if any(address.rstrip(".,;!?)") not in known for address in ADDRESS.findall(text)):
        return False
    given = {_digits(number) for number in NUMBER.findall(known)}
    rest = ADDRESS.sub(" ", text)
    telling = {before or after for before, after in MONEY.findall(rest)}
    telling.update(number for number in NUMBER.findall(rest) if len(_digits(number)) > 1)
    return all(_digits(number) in given for number in telling)


def apply(
    conn: Conn, task: Task, case: Case, answer: Answer[Reply] | None, *, policy: Policy, now: datetime
) -> Result:  # fmt: skip
    """Answer or hand over to a person, unless something has happened meanwhile. The conversation stays locked."""
    conversation = get_conversation(conn, task.tenant, task.conversation_id, lock=True)
    cost = _cost(answer, case)
    if reason := obstacle(conn, task, conversation, secret_keys=policy.secret_keys, now=now):
        return Result(State.SKIPPED, error=reason, **cost)
    said = answer.value if answer else None
    why = case.to_person or decide(said, case.settings, known=case.known)
    text = case.settings.to_person if why or said is None else said.text.strip()
    sent = _say(conn, task, text, policy=policy, now=now)
    result = {"action": "handed_over" if why else "answered", "reason": why, "message_id": sent,
              "confidence": said.confidence if said else None}  # fmt: skip
    if why:
        _hand_over(conn, task, why, now=now)
    return Result(State.DONE, result, **cost)


def _say(conn: Conn, task: Task, text: str, *, policy: Policy, now: datetime) -> int:
    """Add the message and have it sent, in the caller's transaction. Its key keeps a second one out, whatever happens."""
    new = NewMessage(Owner.SUPPORT, text, idempotency_key=f"{ACTOR}:{task.feature}:{task.message_id}")
    receipt = messages.add_message(conn, task.tenant, task.conversation_id, new, policy=policy, by=ACTOR, now=now)
    outbox.post(conn, task.tenant, receipt, now=now)
    return receipt.message.id


def _hand_over(conn: Conn, task: Task, why: str, *, now: datetime) -> Conversation:
    conversation = get_conversation(conn, task.tenant, task.conversation_id, lock=True)
    if not may_become(conversation.state, Stage.HUMAN_HANDOFF):
        return conversation
    return move(conn, task.tenant, conversation, Stage.HUMAN_HANDOFF, by=ACTOR, reason=why, now=now)


def _to_person(lines: Sequence[Line], task: Task) -> str | None:
    newest = next((line for line in lines if line.id == task.message_id), None)
    if newest is None:
        return "no_text"  # a picture or a voice note
    return "asked_for_person" if asks_for_person(newest.body) else None


def _cost(answer: Answer[Reply] | None, case: Case) -> dict[str, Any]:
    if answer is None:
        return {"prompt_version": case.prompt.version}
    return {"model": answer.model, "prompt_version": answer.prompt_version, "tokens": answer.tokens,
            "cost": float(answer.cost_usd)}  # fmt: skip


def _digits(number: str) -> str:
    """A number's digits, the same for equal values: 18:30 and 18h30 give 1830, R$ 1.200,00 gives 1200, 18:00 gives 18."""
    return NO_DIGIT.sub("", re.sub(r"[.,:h]00$", "", number))
