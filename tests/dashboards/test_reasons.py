"""What programs say about failures is told in plain words: with the sentences that our own code raises."""

import pytest
from psycopg import OperationalError

from prosa import crypto
from prosa.dashboards import reasons
from prosa.dashboards.i18n import translator
from prosa.errors import Invalid, ProsaError
from prosa.gateways.chatwoot import reader
from prosa.gateways.guarded_http import check_url
from prosa.gateways.public_addresses import NoAnswer, resolve
from prosa.sources.etl import OURS_BROKE
from prosa.sources.mapping import BY_CONVERSATION, CONTACTS, CONVERSATIONS
from prosa.tenancy.webhooks.model import GONE

T = translator("pt_BR")


def test_a_server_that_cannot_be_reached_is_told_from_one_that_knows_no_such_login() -> None:
    with pytest.raises(ProsaError) as refused, reader.read("postgresql://ana:segredo@127.0.0.1:1/chatwoot"):
        pass
    assert "firewall" in reasons.reading(T, str(refused.value))
    with pytest.raises(ProsaError) as unknown, reader.read("postgresql://ana:segredo@no-such-host.invalid/chatwoot"):
        pass
    assert "não existe" in reasons.reading(T, str(unknown.value))
    assert "senha" in reasons.reading(
        T, "Chatwoot's database cannot be reached: password authentication failed for user"
    )


def test_what_broke_on_our_side_is_not_blamed_on_chatwoot() -> None:
    assert "própria Prosa" in reasons.reading(T, f"{OURS_BROKE}: {OperationalError('server closed')}")
    with pytest.raises(Invalid) as key:
        crypto.decrypt(["one-key"], crypto.encrypt(["another-key"], "x"))
    assert "SECRET_KEY" in reasons.reading(T, str(key.value))
    assert "inesperado" in reasons.reading(T, "ValueError: what")


def test_a_receivers_answer_is_explained_beside_its_code() -> None:
    assert reasons.delivery(T, 503, None) == "503 · o sistema de destino falhou"
    assert reasons.delivery(T, GONE, None).startswith("410 · o sistema pediu")
    with pytest.raises(NoAnswer) as unknown:
        resolve("no-such-host.invalid", 443)
    assert "não existe" in reasons.delivery(T, None, str(unknown.value))
    with pytest.raises(NoAnswer) as private:
        check_url("https://127.0.0.1/")
    assert "internet pública" in reasons.delivery(T, None, str(private.value))


def test_every_reason_to_put_a_row_aside_has_words() -> None:
    unknown = T("reason.unknown")
    told = [reason for target in (CONTACTS, CONVERSATIONS, *BY_CONVERSATION) for _, reason in target.rejects]
    assert [reason for reason in told if reasons.reject(T, reason) == unknown] == []
