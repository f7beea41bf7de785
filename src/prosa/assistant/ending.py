"""Asks the model about closure detection's middle band: is this likely farewell really one?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from prosa.analysis.llm import Answer, Prompt, load
from prosa.assistant import store
from prosa.assistant.model import Line, Result, State, Task
from prosa.conversations import ending, messages
from prosa.conversations.model import DETECTION, Conversation, Reason
from prosa.conversations.service import get_conversation, move
from prosa.conversations.states import State as Stage
from prosa.conversations.states import may_become
from prosa.db import Conn

PROMPTS = Path(__file__).parent / "prompts"
HISTORY = 12  # messages
LONGEST_LINE = 800  # characters
SURE_FROM = 0.8  # as closure detection's own threshold


class Ended(BaseModel):
    """The model's judgement."""

    ended: bool
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Case:
    """What the model is shown."""

    prompt: Prompt
    variables: Mapping[str, Any]
    lines: Sequence[Line]


def prepare(conn: Conn, task: Task) -> Case | Result:
    """Read the end of the chat; a skipped Result if the chat has gone on."""
    conversation = get_conversation(conn, task.tenant, task.conversation_id)
    if not is_in_question(conn, task, conversation):
        return Result(State.SKIPPED, error="superseded")
    lines = store.lines(conn, task.tenant, task.conversation_id, until=task.message_id, limit=HISTORY)
    shown = [{"from": line.owner, "text": line.body[:LONGEST_LINE]} for line in lines]
    return Case(load("ending.v1", PROMPTS), {"conversation": shown}, lines)


def apply(conn: Conn, task: Task, case: Case, answer: Answer[Ended] | None, *, now: datetime) -> Result:
    """Close the conversation if the model is sure and the contact has not gone on writing."""
    if answer is None:
        return Result(State.FAILED, prompt_version=case.prompt.version, error="no_answer")
    conversation = get_conversation(conn, task.tenant, task.conversation_id, lock=True)
    cost: dict[str, Any] = {"model": answer.model, "prompt_version": answer.prompt_version, "tokens": answer.tokens,
                            "cost": float(answer.cost_usd)}  # fmt: skip
    if not is_in_question(conn, task, conversation):
        return Result(State.SKIPPED, error="superseded", **cost)
    closes = answer.value.ended and answer.value.confidence >= SURE_FROM
    if closes and may_become(conversation.state, Stage.USER_CLOSED):
        move(conn, task.tenant, conversation, Stage.USER_CLOSED, by=DETECTION, reason=Reason.FAREWELL, now=now)
    return Result(State.DONE, {**answer.value.model_dump(), "closed": closes}, **cost)


def is_in_question(conn: Conn, task: Task, conversation: Conversation) -> bool:
    """Whether the message is still the contact's last one and was taken for a likely farewell."""
    newest = messages.newest_of_contact(conn, task.tenant, task.conversation_id)
    return (
        conversation.is_open and newest is not None and newest.id == task.message_id
        and ending.awaits_confirmation(conversation, task.message_id)
    )  # fmt: skip
