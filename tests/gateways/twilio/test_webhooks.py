"""Form fields of webhooks, as Twilio documents them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from prosa.errors import Invalid
from prosa.gateways.twilio import webhooks
from prosa.gateways.twilio.webhooks import Media, StatusCallback

BASE = {"MessageSid": "SM1", "From": "whatsapp:+5511987654321", "To": "whatsapp:+551140041234"}


def test_a_text_comes_with_the_profiles_name() -> None:
    message = webhooks.inbound(BASE | {"Body": "Oi", "ProfileName": " Ana ", "NumMedia": "0"})
    assert (message.sid, message.body, message.profile_name) == ("SM1", "Oi", "Ana")
    assert message.media == () and message.attributes == {} and message.referral is None


def test_up_to_ten_files_come_with_their_types() -> None:
    files = {f"MediaUrl{i}": f"https://api.twilio.com/{i}" for i in range(11)} | {"MediaContentType0": "image/jpeg"}
    media = webhooks.inbound(BASE | files).media
    assert len(media) == webhooks.MOST_MEDIA
    assert media[:2] == (
        Media("https://api.twilio.com/0", "image/jpeg"),
        Media("https://api.twilio.com/1", "application/octet-stream"),
    )


def test_a_place_a_button_and_a_list_are_kept_beside_the_text() -> None:
    place = webhooks.inbound(BASE | {"Latitude": "-23.5", "Longitude": "-46.6", "Label": "Loja", "Address": "Rua A"})
    assert place.attributes == {
        "location": {"latitude": -23.5, "longitude": -46.6, "label": "Loja", "address": "Rua A"}
    }
    button = webhooks.inbound(BASE | {"ButtonText": "Sim", "ButtonPayload": "yes", "OriginalRepliedMessageSid": "SM0"})
    assert (button.body, button.attributes) == ("Sim", {"button": {"text": "Sim", "payload": "yes"}, "reply_to": "SM0"})
    picked = webhooks.inbound(BASE | {"ListId": "7", "ListTitle": "Manhã", "Body": "Manhã", "Forwarded": "true"})
    assert picked.attributes == {"list": {"id": "7", "title": "Manhã"}, "forwarded": True}


@pytest.mark.parametrize("latitude", ["", "nan", "inf", "x"])
def test_a_place_that_is_none_is_left_out(latitude: str) -> None:
    assert webhooks.inbound(BASE | {"Latitude": latitude, "Longitude": "1"}).attributes == {}


def test_the_advertisement_is_kept_for_attribution() -> None:
    referral = webhooks.inbound(
        BASE | {"ReferralSourceId": "120", "ReferralCtwaClid": "clid", "ReferralHeadline": "50%"}
    )
    assert referral.referral
    assert (referral.referral.ad_id, referral.referral.click_id, referral.referral.headline) == ("120", "clid", "50%")


@pytest.mark.parametrize("missing", list(BASE))
def test_a_message_without_its_name_or_ends_is_refused(missing: str) -> None:
    with pytest.raises(Invalid, match=missing):
        webhooks.inbound({name: value for name, value in BASE.items() if name != missing})


@pytest.mark.parametrize(
    ("field", "value"),
    [("MessageSid", "nonsense"), ("MessageSid", "SM"), ("MessageSid", "SM' or 1=1"), ("MessageSid", "SM" + "a" * 5000),
     ("NumMedia", "many"), ("NumMedia", "-1"), ("NumMedia", "1.5"), ("NumMedia", "9" * 50)],
)  # fmt: skip
def test_what_twilio_never_writes_is_refused_by_the_fields_name(field: str, value: str) -> None:
    with pytest.raises(Invalid, match=field) as refused:
        webhooks.inbound(BASE | {field: value})
    assert refused.value.at == f"body.{field}"


@pytest.mark.parametrize(
    "more",
    [{"NumMedia": ""}, {"NumMedia": "3"}, {"NumMedia": "12"}, {"MessageSid": "MM" + "0" * 32}, {"MessageSid": "RC_new-kind1"},
     {"NewFieldOfTwilios": "x", "MessageType": "reaction"}],
)  # fmt: skip
def test_a_message_is_never_lost_for_what_twilio_may_add(more: dict[str, str]) -> None:
    assert webhooks.inbound(BASE | more).sender == BASE["From"]


def test_a_status_carries_its_error() -> None:
    form = BASE | {"MessageStatus": "undelivered", "ErrorCode": "63016", "ErrorMessage": "outside the window"}
    assert webhooks.status(form) == StatusCallback(
        "SM1", "undelivered", BASE["From"], BASE["To"], 63016, "outside the window"
    )


@given(st.dictionaries(st.sampled_from([
    "Body", "MediaUrl0", "MediaUrl9", "Latitude", "Longitude", "ButtonText", "ListId", "ProfileName",
    "ReferralBody", "ErrorCode", "MessageStatus", "Forwarded"]), st.text()))  # fmt: skip
def test_no_field_can_break_the_translation_or_the_database(form: dict[str, str]) -> None:
    message = webhooks.inbound(BASE | form)
    assert "\x00" not in repr(message).replace("\\x00", "\x00")
    webhooks.status(BASE | {"MessageStatus": "sent"} | {k: v for k, v in form.items() if k != "MessageStatus"})


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1))
def test_a_signature_holds_for_its_fields_url_and_token_only(form: dict[str, str], token: str) -> None:
    form = {k.encode(errors="replace").decode(): v.encode(errors="replace").decode() for k, v in form.items()}
    token = token.encode(errors="replace").decode()
    url = "https://prosa.example.com/webhooks/twilio/inbound"
    signature = RequestValidator(token).compute_signature(url, form)
    assert webhooks.is_signed(url, form, signature, token)
    assert not webhooks.is_signed(url + "?a=1", form, signature, token)
    assert not webhooks.is_signed(url, form, signature, token + "x")
    assert not webhooks.is_signed(url, form | {"Body2": "forged"}, signature, token)
