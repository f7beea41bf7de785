"""Sending by Twilio: what was certainly not taken may be tried again, and nothing else."""

import json
import secrets
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from prosa.gateways.twilio import client, errors, media, messages
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Accepted, Deferred, Outgoing, Refused, Unknown
from twilio_twin import RETRY_AFTER_SECONDS, Fault, Twin, twilio_twin

__all__ = ["twilio_twin"]

MESSAGE = Outgoing("whatsapp:+551140041234", "whatsapp:+5511987654321", body="Olá, Ana! 🙂")
TEMPLATE = "HX" + "0" * 32


@pytest.fixture
def account(twilio_twin: Twin) -> Account:
    sid, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    twilio_twin.tokens[sid] = token
    return Account(sid, token, base_url=twilio_twin.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.3)
    return


def test_a_text_arrives_with_its_addresses_and_callback(twilio_twin: Twin, account: Account) -> None:
    outcome = messages.send(
        account, replace(MESSAGE, callback="https://prosa.example/webhooks/twilio/status?delivery=1")
    )
    [taken] = twilio_twin.taken
    assert outcome == Accepted(taken.sid, "queued")
    assert taken.fields == {
        "From": MESSAGE.sender, "To": MESSAGE.recipient, "Body": MESSAGE.body,
        "StatusCallback": "https://prosa.example/webhooks/twilio/status?delivery=1",
    }  # fmt: skip


def test_a_template_goes_by_its_sid_and_variables_and_without_text(twilio_twin: Twin, account: Account) -> None:
    variables = json.dumps({"1": "Ana", "2": "sábado"})
    template = replace(MESSAGE, content_sid=TEMPLATE, variables=variables)
    assert isinstance(messages.send(account, template), Accepted)
    fields = twilio_twin.taken[0].fields
    assert (fields["ContentSid"], fields["ContentVariables"]) == (TEMPLATE, variables)
    assert "Body" not in fields


def test_media_and_a_messaging_service_are_named(twilio_twin: Twin, account: Account) -> None:
    service = replace(account, messaging_service_sid="MG" + "1" * 32)
    photo = replace(MESSAGE, media_urls=("https://exemplo.com.br/foto.jpg",))
    assert isinstance(messages.send(service, photo), Accepted)
    fields = twilio_twin.taken[0].fields
    assert (fields["MediaUrl"], fields["MessagingServiceSid"]) == ("https://exemplo.com.br/foto.jpg", "MG" + "1" * 32)


def test_a_refusal_carries_twilios_code(twilio_twin: Twin, account: Account) -> None:
    assert messages.send(account, replace(MESSAGE, recipient="whatsapp:abc")) == Refused(21211, "Twilio answered 400.")
    assert messages.send(replace(account, token="wrong"), MESSAGE) == Refused(20003, "Twilio answered 401.")
    assert not twilio_twin.taken


def test_too_many_requests_are_deferred_as_long_as_twilio_asks(twilio_twin: Twin, account: Account) -> None:
    twilio_twin.faults.append(Fault.TOO_MANY)
    outcome = messages.send(account, MESSAGE)
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_seconds == RETRY_AFTER_SECONDS
    assert not twilio_twin.taken


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.SILENT, Fault.DROPPED, Fault.NONSENSE])
def test_a_lost_answer_is_unknown_and_the_client_repeats_nothing(
    twilio_twin: Twin, account: Account, impatient: None, fault: Fault
) -> None:
    twilio_twin.faults.append(fault)
    assert isinstance(messages.send(account, MESSAGE), Unknown)
    assert len(twilio_twin.taken) == 1


def test_a_refused_connection_and_a_name_that_nobody_knows_are_deferred(account: Account) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening
        port = nobody.getsockname()[1]
        for base in (f"http://127.0.0.1:{port}", "http://twilio.invalid"):
            assert isinstance(messages.send(replace(account, base_url=base), MESSAGE), Deferred)


def test_a_certificate_that_is_not_trusted_is_deferred() -> None:
    """It is looked at before anything is sent."""
    broken = requests.exceptions.SSLError("max retries")
    broken.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    assert isinstance(messages.failure(broken), Deferred)


def test_a_handshake_that_breaks_leaves_a_doubt(account: Account, twilio_twin: Twin) -> None:
    speaks_no_tls = replace(account, base_url=twilio_twin.url.replace("http:", "https:"))
    assert isinstance(messages.send(speaks_no_tls, MESSAGE), Unknown)


def test_the_console_takes_everything_and_sends_nothing(
    account: Account, twilio_twin: Twin, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.messenger("console://") is messages.to_console
    assert messages.messenger(None) is messages.messenger("https://eu.example") is messages.send
    taken = messages.to_console(account, MESSAGE)
    said = json.loads(capsys.readouterr().out)
    assert isinstance(taken, Accepted) and (said["sid"], said["body"]) == (taken.sid, MESSAGE.body)
    nobody = Account(account.sid, account.token, base_url="console://")
    with pytest.raises(media.Refused, match="no file is fetched"):
        media.fetch(nobody, "https://api.twilio.com/f")
    assert not twilio_twin.taken


@pytest.mark.parametrize("code", [*errors.WORDS, 12345])
def test_every_code_has_words_in_both_languages(code: int) -> None:
    portuguese, english = errors.explain(code), errors.explain(code, "en")
    assert portuguese and english and portuguese != english
    assert "{" not in portuguese + english
