"""Templates of Twilio's Content API, and whether WhatsApp has approved them.

https://www.twilio.com/docs/content/content-and-approvals-endpoint
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prosa.gateways.twilio.client import TooManyRequests, client
from prosa.gateways.twilio.model import Account, BadCredentials, TwilioUnreachable

APPROVED = "approved"
MOST = 1000  # templates that are read from one account


@dataclass(frozen=True)
class Template:
    """A template. `status` is WhatsApp's word: unsubmitted, received, pending, approved, rejected, paused or disabled.

    `variables` are Twilio's examples by name ('1', '2', …); `body` is its text with {{1}}, None for media alone.
    """

    content_sid: str
    name: str
    language: str
    body: str | None
    variables: Mapping[str, str]
    kind: str  # such as 'twilio/text', 'twilio/quick-reply'
    status: str
    category: str | None  # MARKETING, UTILITY or AUTHENTICATION
    rejection_reason: str | None

    @property
    def is_approved(self) -> bool:
        """Whether it may be sent outside the 24-hour window."""
        return self.status == APPROVED


def list_templates(account: Account) -> list[Template]:
    """The account's templates, with their approval. Raises BadCredentials, TwilioUnreachable."""
    import requests  # noqa: PLC0415  (slow to import; most processes never call)
    from twilio.base.exceptions import TwilioException  # noqa: PLC0415

    try:
        found = client(account).content.v1.content_and_approvals.list(limit=MOST, page_size=100)
    except TwilioException as error:  # for a page that fails, the client's error has only the answer, as an argument
        status = next((arg.status_code for arg in error.args if hasattr(arg, "status_code")), None)
        if status in (401, 403):
            raise BadCredentials("Twilio does not accept this account SID with this auth token.") from None
        raise TwilioUnreachable(f"Twilio did not list the templates: {status or type(error).__name__}.") from None
    except TooManyRequests:
        raise TwilioUnreachable("Twilio has had too many requests. Try again in a minute.") from None
    except requests.RequestException as error:
        raise TwilioUnreachable(f"Twilio does not answer: {type(error).__name__}.") from None
    return [_template(each) for each in found]


def _template(found: Any) -> Template:
    """A Template from the client's object, whose fields hold Twilio's JSON unchanged."""
    types: Mapping[str, Any] = found.types or {}
    kind = next(iter(types), "")
    approval: Mapping[str, Any] = found.approval_requests or {}
    return Template(
        content_sid=found.sid,
        name=found.friendly_name or "",
        language=found.language or "",
        body=types.get(kind, {}).get("body"),
        variables={str(name): str(value) for name, value in (found.variables or {}).items()},
        kind=kind,
        status=approval.get("status") or "unsubmitted",
        category=approval.get("category") or None,
        rejection_reason=approval.get("rejection_reason") or None,
    )
