"""What Twilio's webhooks say: pure translation of their form fields, and their signature.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request, and for WhatsApp
https://www.twilio.com/docs/whatsapp/api (location, buttons, lists, click-to-WhatsApp referrals).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prosa.errors import Invalid

MOST_MEDIA = 10
# Twilio says: two capitals and 32 hexadecimal digits (SM…, MM…). Anything that looks like an id is taken: a contact's message is
# worth more than a strict check of what is signed anyway.
MESSAGE_SID = re.compile(r"[A-Z]{2}[A-Za-z0-9_-]{1,62}")
LONGEST_NAME = 200  # characters kept of a profile's name; WhatsApp allows fewer
LONGEST_STATUS = 50  # of a message's status, which is one word; one that we do not know moves nothing


@dataclass(frozen=True)
class Media:
    """A file that came with a message; Twilio keeps it at `url`."""

    url: str
    content_type: str


@dataclass(frozen=True)
class Referral:
    """The advertisement or post by which the contact came (click-to-WhatsApp). `click_id` is Meta's ctwa_clid."""

    ad_id: str | None
    source_type: str | None
    source_url: str | None
    headline: str | None
    body: str | None
    click_id: str | None
    media_url: str | None
    media_type: str | None


@dataclass(frozen=True)
class InboundMessage:
    """A contact's message. Addresses are as Twilio writes them, such as `whatsapp:+5511987654321`.

    `attributes` holds what is neither text nor media: `location`, `button`, `list`, `reply_to`, `forwarded`.
    """

    sid: str
    sender: str
    recipient: str
    body: str | None
    profile_name: str | None = None
    media: tuple[Media, ...] = ()
    referral: Referral | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusCallback:
    """How far a message of ours has come: `status` is Twilio's word, `error_code` Twilio's number or None."""

    sid: str
    status: str
    sender: str
    recipient: str
    error_code: int | None = None
    error_message: str | None = None


def is_signed(url: str, form: Mapping[str, str], signature: str, token: str) -> bool:
    """Whether Twilio signed these form fields for this URL with the account's token (docs/domain.md, rule 22)."""
    from twilio.request_validator import RequestValidator  # noqa: PLC0415  (slow to import; only web processes need it)

    return bool(RequestValidator(token).validate(url, form, signature))


def inbound(form: Mapping[str, str]) -> InboundMessage:
    """The message in a webhook's form. Raises Invalid where a field that every message has is missing or makes no sense."""
    _check_count(form)
    text = _storable(form)
    return InboundMessage(
        sid=_sid(text),
        sender=_needed(text, "From"),
        recipient=_needed(text, "To"),
        body=text.get("Body") or text.get("ButtonText") or text.get("ListTitle") or None,
        profile_name=text.get("ProfileName", "").strip()[:LONGEST_NAME] or None,
        media=_media(text),
        referral=_referral(text),
        attributes=_attributes(text),
    )


def status(form: Mapping[str, str]) -> StatusCallback:
    """The callback in a webhook's form. Raises Invalid as `inbound` does."""
    text = _storable(form)
    code = text.get("ErrorCode", "")
    return StatusCallback(
        sid=_sid(text),
        status=_needed(text, "MessageStatus")[:LONGEST_STATUS],
        sender=text.get("From", ""),
        recipient=text.get("To", ""),
        error_code=int(code) if code.isascii() and code.isdigit() and len(code) < 10 else None,
        error_message=text.get("ErrorMessage") or None,
    )


def _storable(form: Mapping[str, str]) -> dict[str, str]:
    """The fields without the character NUL, which PostgreSQL's text cannot hold."""
    return {name: value.replace("\x00", "") for name, value in form.items()}


def _sid(form: Mapping[str, str]) -> str:
    sid = _needed(form, "MessageSid")
    if not MESSAGE_SID.fullmatch(sid):
        raise Invalid("MessageSid must be Twilio's: SM or MM and 32 hexadecimal digits.", at="body.MessageSid")
    return sid


def _check_count(form: Mapping[str, str]) -> None:
    """Raise Invalid for an impossible NumMedia. It may be missing: the files have fields of their own."""
    count = form.get("NumMedia") or "0"
    if not (count.isascii() and count.isdigit() and len(count) < 4):
        raise Invalid("NumMedia must be how many files came with the message, such as 0.", at="body.NumMedia")


def _needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise Invalid(f"The field {name} is missing.", at=f"body.{name}")
    return value


def _media(form: Mapping[str, str]) -> tuple[Media, ...]:
    found = (
        Media(form[f"MediaUrl{i}"], form.get(f"MediaContentType{i}") or "application/octet-stream")
        for i in range(MOST_MEDIA)
        if form.get(f"MediaUrl{i}")
    )
    return tuple(found)


def _referral(form: Mapping[str, str]) -> Referral | None:
    fields = {
        "ad_id": "SourceId", "source_type": "SourceType", "source_url": "SourceUrl", "headline": "Headline",
        "body": "Body", "click_id": "CtwaClid", "media_url": "MediaUrl", "media_type": "MediaContentType",
    }  # fmt: skip
    found = {name: form.get(f"Referral{theirs}") or None for name, theirs in fields.items()}
    return Referral(**found) if any(found.values()) else None


def _attributes(form: Mapping[str, str]) -> dict[str, Any]:
    parts = {
        "location": _location(form),
        "button": _present(text=form.get("ButtonText"), payload=form.get("ButtonPayload")),
        "list": _present(id=form.get("ListId"), title=form.get("ListTitle"), description=form.get("ListDescription")),
        "reply_to": form.get("OriginalRepliedMessageSid"),
        "forwarded": form.get("Forwarded") == "true",
    }
    return {name: value for name, value in parts.items() if value}


def _location(form: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None  # JSON has no such numbers
    named = _present(label=form.get("Label"), address=form.get("Address"))
    return {"latitude": latitude, "longitude": longitude, **named}


def _present(**fields: str | None) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
