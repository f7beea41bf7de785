"""Templates of the Content API, with WhatsApp's verdict."""

import secrets

import pytest

from prosa.gateways.twilio.model import Account, BadCredentials
from prosa.gateways.twilio.templates import list_templates
from twilio_twin import Twin, twilio_twin

__all__ = ["twilio_twin"]


def content(name: str, approval: dict[str, object], **types: object) -> dict[str, object]:
    return {
        "sid": "HX" + secrets.token_hex(16), "account_sid": "AC0", "friendly_name": name, "language": "pt_BR",
        "variables": {"1": "Ana"}, "types": types, "approval_requests": approval,
        "date_created": "2026-01-02T03:04:05Z", "date_updated": "2026-01-02T03:04:05Z",
    }  # fmt: skip


def test_templates_come_with_text_variables_and_approval(twilio_twin: Twin) -> None:
    twilio_twin.tokens["AC0"] = "t"
    text = {"body": "Oi {{1}}, seu plano vence amanhã."}
    approved = {"name": "vencimento", "category": "UTILITY", "status": "approved", "rejection_reason": ""}
    rejected = {"name": "promo", "category": "MARKETING", "status": "rejected", "rejection_reason": "Ads"}
    twilio_twin.templates = [
        content("vencimento", approved, **{"twilio/text": text}),
        content("promo", rejected, **{"twilio/media": {"media": ["https://exemplo.com.br/a.jpg"]}}),
        content("novo", {}, **{"twilio/text": text}),
    ]
    first, second, third = list_templates(Account("AC0", "t", base_url=twilio_twin.url))
    assert (first.name, first.language, first.body, first.kind) == ("vencimento", "pt_BR", text["body"], "twilio/text")
    assert (first.variables, first.is_approved, first.category, first.rejection_reason) == (
        {"1": "Ana"},
        True,
        "UTILITY",
        None,
    )
    assert (second.body, second.is_approved, second.rejection_reason) == (None, False, "Ads")
    assert (third.status, third.is_approved) == ("unsubmitted", False)


def test_wrong_credentials_are_said_to_be_wrong(twilio_twin: Twin) -> None:
    with pytest.raises(BadCredentials):
        list_templates(Account("AC0", "wrong", base_url=twilio_twin.url))
