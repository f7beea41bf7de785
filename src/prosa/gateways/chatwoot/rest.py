"""Chatwoot's REST API, for what its database cannot do: sending a message in a conversation, and reading an inbox's templates.

Published at https://developers.chatwoot.com/api-reference (application API). Chatwoot knows no idempotency keys, so a request
without an answer may have sent its message, and is never repeated: its outcome is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx

from prosa.errors import Invalid, Unavailable

TIMEOUT = httpx.Timeout(20.0, connect=5.0)  # seconds; Chatwoot itself hands a message to a queue and answers at once
TOO_MANY = 429
BAD_GATEWAY = 502  # the proxy in front of Chatwoot did not reach it


class Result(StrEnum):
    """What became of a request to send."""

    SENT = "sent"  # Chatwoot has taken it
    REFUSED = "refused"  # surely not sent, and a repetition would not help
    BUSY = "busy"  # surely not sent; later it may be
    UNKNOWN = "unknown"  # may have been sent


@dataclass(frozen=True)
class Access:
    """An account of a Chatwoot server, and the access token of an agent or agent bot in it."""

    base_url: str
    account_id: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class TemplateParams:
    """A WhatsApp template that Meta has approved, with the variables of its body by name."""

    name: str
    language: str
    category: str
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Sending:
    """A request's result; `message_id` is Chatwoot's, where it sent; `problem` says why not, without the text."""

    result: Result
    message_id: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Template:
    """A WhatsApp template of an inbox; `body` has its variables as {{1}} or {{name}}, `status` is in lower case."""

    name: str
    language: str
    category: str
    body: str
    status: str


def check_url(given: str) -> str:
    """The server's address without a slash at its end. Raises Invalid."""
    parts = urlsplit(given.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise Invalid("The address of Chatwoot is such as https://chat.example.com.")
    return given.strip().rstrip("/")


def send_message(
    access: Access, conversation: int, body: str, template: TemplateParams | None = None, *,
    transport: httpx.BaseTransport | None = None,
) -> Sending:  # fmt: skip
    """Send a message in the conversation of this display id. A template's `body` is its text with the variables filled in."""
    payload: dict[str, Any] = {"content": body, "message_type": "outgoing", "private": False}
    if template is not None:
        payload["template_params"] = {
            "name": template.name, "category": template.category, "language": template.language,
            "processed_params": {"body": dict(template.variables)},
        }  # fmt: skip
    try:
        with _client(access, transport) as client:
            answer = client.post(
                f"/api/v1/accounts/{access.account_id}/conversations/{conversation}/messages", json=payload
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Sending(Result.BUSY, problem=type(error).__name__)
    except httpx.HTTPError as error:
        return Sending(Result.UNKNOWN, problem=type(error).__name__)
    return _sending(answer)


def list_templates(access: Access, inbox: int, *, transport: httpx.BaseTransport | None = None) -> list[Template]:
    """The WhatsApp templates of an inbox. Raises Invalid where the token may not see it, Unavailable."""
    try:
        with _client(access, transport) as client:
            answer = client.get(f"/api/v1/accounts/{access.account_id}/inboxes/{inbox}")
    except httpx.HTTPError as error:
        raise Unavailable(f"Chatwoot does not answer: {type(error).__name__}.") from None
    if answer.status_code in (401, 403, 404):
        raise Invalid(f"Chatwoot does not show this inbox to this access token ({answer.status_code}).")
    if not answer.is_success:
        raise Unavailable(f"Chatwoot answered {answer.status_code}.")
    return list(_templates(_json(answer).get("message_templates")))


def _client(access: Access, transport: httpx.BaseTransport | None) -> httpx.Client:
    return httpx.Client(base_url=access.base_url, headers={"api_access_token": access.token}, timeout=TIMEOUT,
                        follow_redirects=False, transport=transport)  # fmt: skip


def _sending(answer: httpx.Response) -> Sending:
    """What an answer means. 200 brings the message. What Chatwoot refuses it has not saved, but a 5xx may follow a save."""
    status, problem = answer.status_code, f"http_{answer.status_code}"
    message_id = _json(answer).get("id") if answer.is_success else None
    if isinstance(message_id, int):
        return Sending(Result.SENT, message_id)
    if status in (TOO_MANY, BAD_GATEWAY):
        return Sending(Result.BUSY, problem=problem)
    if answer.is_client_error or answer.is_redirect:
        return Sending(Result.REFUSED, problem=problem)
    return Sending(Result.UNKNOWN, problem=problem)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _templates(found: object) -> Iterator[Template]:
    """Templates out of Meta's own form, which Chatwoot hands on. The text is in the component of type BODY."""
    for each in found if isinstance(found, list) else []:
        parts = each.get("components") or []
        body = next((part.get("text") for part in parts if part.get("type") == "BODY"), None)
        if body:
            yield Template(
                each["name"], each.get("language", ""), each.get("category", ""), body, each.get("status", "").lower()
            )
