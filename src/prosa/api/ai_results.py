"""What the AI features made of a conversation's messages."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from prosa.api.conversations import Reader
from prosa.api.limits import LARGEST_ID, Id, LimitedRoute
from prosa.api.paging import Cursor, Limit, id_and_name, page_of
from prosa.api.problems import PROBLEMS
from prosa.api.schema import Shown, example
from prosa.api.session import Db
from prosa.assistant import store
from prosa.assistant.model import Feature, State
from prosa.conversations.service import get_conversation
from prosa.db import Role

router = APIRouter(prefix="/conversations", tags=["conversations"], route_class=LimitedRoute, responses=PROBLEMS)


class AiResultOut(Shown):
    """One feature's work on one message. `result` depends on the feature: docs/assistant.md."""

    model_config = example(
        message_id=4711, feature="sentiment", state="done", model="offline", prompt_version="",
        result={"label": "negative", "score": -0.6}, reason=None, tokens=0, cost_usd=0.0, milliseconds=3,
        created_at="2026-03-02T12:00:00Z", finished_at="2026-03-02T12:00:00Z",
    )  # fmt: skip
    message_id: int
    feature: str
    state: State
    model: str | None = Field(description="`offline`: rules of ours, without a model. Null where none was asked.")
    prompt_version: str
    result: dict[str, Any] = Field(description="Empty where the contact's data were erased.")
    reason: str | None = Field(description="Why nothing was done: a word, such as `no_text`.")
    tokens: int
    cost_usd: float
    milliseconds: int | None
    created_at: datetime
    finished_at: datetime | None


class AiResultPage(BaseModel):
    """Results in the order of their messages. `next_cursor` is null on the last page."""

    items: list[AiResultOut]
    next_cursor: str | None


@router.get("/{conv_id}/ai-results", summary="What AI features made of its messages")
def list_results(
    conv_id: Id, caller: Reader, db: Db,
    message_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Only this message's.")] = None,
    feature: Annotated[Feature | None, Query(description="Only this feature's.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AiResultPage:  # fmt: skip
    """Each message has one result of each feature that worked on it."""
    after = id_and_name(cursor)
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        get_conversation(conn, caller.tenant_id, conv_id)
        found = store.results(
            conn, caller.tenant_id, conv_id, message_id=message_id, feature=feature, after=after, limit=limit + 1
        )
    page, following = page_of(found, limit, lambda last: (last.message_id, last.feature))
    return AiResultPage(
        items=[AiResultOut.of(kept) for kept in page],
        next_cursor=following,
    )
