"""Chatwoot's REST API, against a twin that follows what is published."""

from collections.abc import Iterator

import httpx
import pytest
from tests.gateways.chatwoot import twin as chatwoot
from tests.gateways.chatwoot.twin import TOKEN, Twin

from prosa.errors import Invalid, Unavailable
from prosa.gateways.chatwoot import rest
from prosa.gateways.chatwoot.rest import Access, Result, TemplateParams


@pytest.fixture
def twin() -> Iterator[Twin]:
    with chatwoot.running() as running:
        yield running


def access(twin: Twin, token: str = TOKEN) -> Access:
    return Access(twin.url, 1, token)


def test_free_text_is_a_public_message_of_ours(twin: Twin) -> None:
    sent = rest.send_message(access(twin), 42, "Oi, Ana!")
    [message] = twin.messages
    assert (sent.result, sent.message_id) == (Result.SENT, message["id"])
    assert (message["content"], message["private"], message["conversation_id"]) == ("Oi, Ana!", False, 42)


def test_a_template_travels_with_its_variables(twin: Twin) -> None:
    template = TemplateParams("volta", "pt_BR", "MARKETING", {"1": "Ana", "2": "nadar"})
    assert rest.send_message(access(twin), 42, "Oi Ana! Ainda quer nadar?", template).result is Result.SENT
    assert twin.messages[0]["additional_attributes"]["template_params"] == {
        "name": "volta", "category": "MARKETING", "language": "pt_BR",
        "processed_params": {"body": {"1": "Ana", "2": "nadar"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("behave", "result"), [("busy", Result.BUSY), ("fails", Result.UNKNOWN), ("breaks", Result.UNKNOWN)]
)
def test_what_surely_did_not_go_out_is_told_from_what_may_have(twin: Twin, behave: str, result: Result) -> None:
    twin.behave = behave
    assert rest.send_message(access(twin), 42, "Oi").result is result
    assert bool(twin.messages) is (result is Result.UNKNOWN)


def test_a_timeout_is_unknown(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    twin.behave = "sleeps"
    monkeypatch.setattr(rest, "TIMEOUT", httpx.Timeout(0.1))
    assert rest.send_message(access(twin), 42, "Oi").result is Result.UNKNOWN
    assert len(twin.messages) == 1


@pytest.mark.parametrize(("conversation", "token"), [(43, TOKEN), (42, "wrong")])
def test_a_refusal_is_final(twin: Twin, conversation: int, token: str) -> None:
    assert rest.send_message(access(twin, token), conversation, "Oi").result is Result.REFUSED


def test_nobody_at_the_address_is_surely_not_sent() -> None:
    assert rest.send_message(Access("http://127.0.0.1:9", 1, TOKEN), 42, "Oi").result is Result.BUSY


def test_templates_of_an_inbox_come_with_their_status(twin: Twin) -> None:
    found = rest.list_templates(access(twin), 5)
    assert [(t.name, t.status, t.body) for t in found] == [
        ("volta", "approved", "Oi {{1}}! Ainda quer {{2}}?"), ("antigo", "rejected", "Olá")]  # fmt: skip
    with pytest.raises(Invalid):
        rest.list_templates(access(twin, "wrong"), 5)
    with pytest.raises(Unavailable):
        rest.list_templates(Access("http://127.0.0.1:9", 1, TOKEN), 5)


@pytest.mark.parametrize("url", ["", "chat.example.com", "ftp://x", "https://u:p@x", "https://x?y=1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        rest.check_url(url)


def test_the_token_is_in_no_representation() -> None:
    assert "secret" not in repr(Access("https://x", 1, "secret"))
