"""The one function by which the rest of Prosa asks the language model."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from prosa.analysis.llm import keys, policy
from prosa.analysis.llm.answers import T
from prosa.analysis.llm.calls import Answer, Line, Question, perform
from prosa.analysis.llm.prompt import Prompt
from prosa.db import Database, TenantId
from prosa.errors import Unavailable
from prosa.gateways.llm import LlmFailed
from prosa.settings import get_settings

log = logging.getLogger(__name__)


def ask(  # noqa: PLR0913  (the last five have defaults)
    db: Database, tenant: TenantId, *, purpose: str, prompt: Prompt, variables: Mapping[str, Any], schema: type[T],
    conversation_id: int | None = None, messages: Sequence[int] = (), max_tokens: int = 800, patience: float = 30.0,
    line: Line | None = None,
) -> Answer[T] | None:  # fmt: skip
    """Ask the model for an answer of the form `schema`, a Pydantic model; None where there is none, and the log says why.

    None: no key, the tenant does not want it (feature `ai`), its budget or the installation's is used up, no slot within
    `patience` seconds, or the model failed. Instructions stand in `prompt` (`prompt.load("reply.v1", folder)`); everything
    from outside goes into `variables`, as data by tag name, masked before it leaves and restored in the answer.
    `conversation_id` and `messages` (ids) are for the record of what was sent. Call it outside any transaction: it opens its
    own, and the network may take a minute. `line` is another endpoint than the settings' one.
    """
    with db.tenant(tenant) as conn:
        if not policy.read(conn, tenant).wanted:
            return None
        line = line or keys.line(conn, tenant, get_settings(), patience=patience)
    if line is None:
        return None
    question = Question(purpose, prompt, variables, schema, conversation_id, messages, max_tokens)
    try:
        return perform(db, tenant, line, question)
    except (LlmFailed, Unavailable) as error:
        log.warning("no answer for %s of tenant %s: %s", purpose, tenant, error)
        return None
