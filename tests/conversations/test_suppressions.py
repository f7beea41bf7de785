"""Who said stop is not written to, by that number of ours; one word is a wish, a sentence is not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.conversations.conftest import CONTACT, NOW, POLICY, Engine, pair

from prosa.conversations import suppressions
from prosa.conversations.model import Owner, Pair
from prosa.conversations.suppressions import Reason, Wish, wish, words_of

SHORT = "+551187654321"  # CONTACT without its ninth digit


def is_suppressed(engine: Engine, between: Pair) -> bool:
    with engine.db.tenant(engine.tenant) as conn:
        return suppressions.is_suppressed(conn, engine.tenant, between, secret_keys=())


def write(engine: Engine, body: str, owner: Owner = Owner.USER, between: Pair | None = None, **more: object) -> None:
    engine.add(engine.open(between).conversation.id, body, owner, **more)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("PARAR", Wish.OUT), ("parar", Wish.OUT), (" Sair. ", Wish.OUT), ("cancelar!!", Wish.OUT), ("Descadastrar", Wish.OUT),
        ("STOP", Wish.OUT), ("Stop all", None), ("opt-out", Wish.OUT), ("end", Wish.OUT), ("🛑 PARAR 🛑", Wish.OUT),
        ("Não quero mais receber mensagens!", Wish.OUT), ("me tira da lista", Wish.OUT),
        ("não quero mais receber o pedido", None),
        ("BAJA", Wish.OUT), ("No quiero recibir más mensajes", Wish.OUT), ("Volver", Wish.BACK), ("la más baja", None),
        ("START", Wish.BACK), ("voltar", Wish.BACK),
        ("cancelar meu plano", None), ("quero parar de receber", None), ("como faço para sair?", None), ("vou voltar", None),
        ("sim", None), ("yes", None), ("", None), ("🙂", None), (None, None), ("parar" * 1000, None),
    ],
)  # fmt: skip
def test_the_whole_message_must_be_the_word(body: str | None, expected: Wish | None) -> None:
    assert wish(body) is expected


def test_a_tenant_adds_words_and_takes_some_away() -> None:
    words = words_of({"extra_words": ["Chega!", 7, "", "🛑"], "muted_words": ["cancelar"]})
    assert wish("👍", words) is None
    assert wish("chega", words) is Wish.OUT
    assert wish("cancelar", words) is None
    assert wish("parar", words) is Wish.OUT
    assert words_of({"extra_words": "chega"}) == suppressions.DEFAULT  # a mistake leaves the usual words


@pytest.mark.parametrize("asked", [CONTACT, SHORT])
def test_the_word_suppresses_the_contact_in_both_spellings(engine: Engine, asked: str) -> None:
    write(engine, "PARAR", between=pair(SHORT))
    assert is_suppressed(engine, pair(asked))


def test_it_holds_for_that_number_of_ours_and_that_tenant_only(engine: Engine, other_engine: Engine) -> None:
    write(engine, "PARAR")
    assert not is_suppressed(engine, pair(ours="+551140041235"))
    assert not is_suppressed(engine, pair("+5511987654322"))
    assert not is_suppressed(other_engine, pair())


def test_our_own_words_suppress_nobody(engine: Engine) -> None:
    write(engine, "PARAR", Owner.AGENT)
    assert not is_suppressed(engine, pair())


def test_the_tenants_own_words_are_heeded(engine: Engine) -> None:
    write(engine, "chega", policy=replace(POLICY, words=words_of({"extra_words": ["chega"]})))
    assert is_suppressed(engine, pair())


@pytest.mark.parametrize("reason", Reason)
def test_the_contact_who_comes_back_is_written_to_again(engine: Engine, reason: Reason) -> None:
    with engine.db.tenant(engine.tenant) as conn:
        suppressions.suppress(conn, engine.tenant, pair(), reason=reason, actor="user:1", now=NOW)
        everywhere = replace(pair(), ours=suppressions.EVERY_NUMBER)
        suppressions.suppress(conn, engine.tenant, everywhere, reason=Reason.PERSON, actor="user:1", now=NOW)
    assert is_suppressed(engine, pair()) and is_suppressed(engine, pair(ours="+551140041235"))
    write(engine, "Voltar")
    assert not is_suppressed(engine, pair())


def test_the_first_reason_stays_and_what_was_lifted_is_kept_as_evidence(engine: Engine) -> None:
    later = NOW + timedelta(days=1)
    with engine.db.tenant(engine.tenant) as conn:
        suppressions.suppress(conn, engine.tenant, pair(), reason=Reason.WORD, actor="contact", now=NOW)
        suppressions.suppress(conn, engine.tenant, pair(), reason=Reason.IMPORT, actor="user:1", now=later)
        found = suppressions.find(conn, engine.tenant, pair(), secret_keys=())
        assert found and (found.reason, found.actor, found.at) == (Reason.WORD, "contact", NOW)
        assert suppressions.lift(conn, engine.tenant, pair(), secret_keys=(), actor="user:2", now=later)
        assert not suppressions.lift(conn, engine.tenant, pair(), secret_keys=(), actor="user:2", now=later)
        kept = conn.execute(
            "select reason, lifted_by, lifted_at from suppressions where tenant_id = %s", [engine.tenant]
        ).fetchall()
        assert kept == [("word", "user:2", later)]
        suppressions.suppress(conn, engine.tenant, pair(), reason=Reason.IMPORT, actor="user:1", now=later)
        assert suppressions.is_suppressed(conn, engine.tenant, pair(), secret_keys=())
