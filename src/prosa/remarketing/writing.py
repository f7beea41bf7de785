"""Words a draft: by the language model from what the conversation shows, or from the tenant's templates."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from prosa.analysis.llm import prompt
from prosa.analysis.llm.answers import T
from prosa.analysis.llm.ask import ask
from prosa.analysis.llm.calls import Answer, Question
from prosa.analysis.llm.prompt_injection import spoken
from prosa.analysis.store import Message, messages
from prosa.db import Conn, Database, TenantId
from prosa.errors import Invalid
from prosa.remarketing import message_templates
from prosa.remarketing.model import Author
from prosa.remarketing.policy import Policy
from prosa.remarketing.service import NewDraft
from prosa.remarketing.whatsapp_templates import WhatsAppTemplate, fill
from prosa.remarketing.wording import LONGEST_TEXT, render

PROMPTS = Path(__file__).parent / "prompts"
FIRST, LAST = 4, 26  # messages of a long conversation that are read: its beginning and its end
LONGEST_MESSAGE = 1_000
# What a telephone makes a link of: with a scheme, or a name that ends like those that swindlers and shorteners buy. Not every
# word after a full stop: "R$ 99.Venha" is no address.
ENDINGS = (
    "ai|app|bet|biz|br|cc|click|club|co|com|dev|digital|fun|gg|icu|info|io|life|link|live|ly|me|mobi|net|one"
    "|online|org|page|pro|ru|shop|site|space|store|tech|tk|to|top|tv|us|vip|web|website|win|world|xyz"
)
LINK = re.compile(rf"(?:https?://|www\.)[^\s<>\"]+|\b[a-z0-9-]+\.(?:{ENDINGS})\b[^\s<>\"]*", re.IGNORECASE)

Ask = Callable[..., Answer[T] | None]


class Text(BaseModel):
    """A free text."""

    text: str


class Value(BaseModel):
    """One variable's value."""

    name: str
    value: str


class Values(BaseModel):
    """The values of a template's variables."""

    values: list[Value]


@dataclass(frozen=True)
class Context:
    """What a draft is written from: the conversation, its insight, the company's rules. None of its texts is an instruction."""

    conversation_id: int
    history: Sequence[Message]
    values: Mapping[str, object]
    policy: Policy


def context(conn: Conn, tenant: TenantId, conversation_id: int, policy: Policy) -> Context:
    """Read what a draft is written from. Raises NotFound."""
    read = messages(conn, tenant, [conversation_id])
    history = read if len(read) <= FIRST + LAST else [*read[:FIRST], *read[-LAST:]]
    return Context(conversation_id, history, message_templates.values(conn, tenant, conversation_id, policy), policy)


def by_ai(
    db: Database, tenant: TenantId, given: Context, *, instructions: str = "", template: WhatsAppTemplate | None = None,
    asked: Ask[Any] = ask,
) -> NewDraft | None:  # fmt: skip
    """Have the model write free text, or fill a template's variables. None if there is no usable answer.

    Call it outside any transaction. An answer is of no use if it is empty or too long, leaves a variable out, or contains a
    link that the company never named: a contact's message may try to have one sent.
    """
    variables = _variables(given, instructions) | ({"template": template.body} if template else {})
    name, schema = ("fill.v1", Values) if template else ("draft.v1", Text)
    question: Question[Any] = Question(
        "remarketing", prompt.load(name, PROMPTS), variables, schema, given.conversation_id,
        [message.id for message in given.history], max_tokens=400,
    )  # fmt: skip
    answer = asked(db, tenant, question)
    if answer is None:
        return None
    made: dict[str, Any] = {"author": Author.AI, "model": answer.model, "prompt_version": answer.prompt_version}
    if template is None:
        text = answer.value.text.strip()
        return (
            NewDraft(body=text, **made)
            if 0 < len(text) <= LONGEST_TEXT and is_clean(text, given, instructions)
            else None
        )
    try:
        text, filled = fill(template, {each.name.strip("{} "): each.value for each in answer.value.values})
    except Invalid:
        return None
    if not is_clean("\n".join(filled.values()), given, instructions):
        return None
    return NewDraft(whatsapp_template_id=template.id, variables=filled, **made)


def by_template(
    given: Context,
    *,
    body: str | None = None,
    template: WhatsAppTemplate | None = None,
    variables: Mapping[str, str] | None = None,
) -> NewDraft:
    """Render the tenant's own wording, or a WhatsApp template whose variables have wordings of their own.

    Raises BadTemplate, BadVariables.
    """
    if template is None:
        return NewDraft(body=render(body or "", given.values), author=Author.TEMPLATE)
    filled = {name: render(source, given.values) for name, source in (variables or {}).items()}
    return NewDraft(whatsapp_template_id=template.id, variables=fill(template, filled)[1], author=Author.TEMPLATE)


def is_clean(text: str, given: Context, instructions: str) -> bool:
    """Whether every link in the text is one that the company itself has named."""
    ours = [message.body for message in given.history if message.sender != "contact"]
    named = "\n".join([*ours, instructions, *given.policy.variables.values()]).lower()
    return all(link.lower().rstrip(".,;!?)") in named for link in LINK.findall(text))


def _variables(given: Context, instructions: str) -> dict[str, Any]:
    known = {name: value for name, value in given.values.items() if value and name not in given.policy.variables}
    return {
        "company": {"name": given.policy.company, **given.policy.variables},
        "tone": given.policy.tone,
        "locale": given.policy.locale,
        "instructions": instructions,
        "known": known,
        "conversation": [_shown(message) for message in given.history],
    }


def _shown(message: Message) -> dict[str, str]:
    """A message as the model reads it, without what a contact says to the machine."""
    sender, body = ("person", spoken(message.body)) if message.sender == "contact" else ("company", message.body)
    return {"from": sender, "at": message.created_at.date().isoformat(), "text": body[:LONGEST_MESSAGE]}
