"""What sending knows about a contact is exported with the rest, and erased with it (LGPD, Art. 18)."""

from tests.sending.conftest import KEYS, NOW, TEMPLATE, World

from prosa import privacy
from prosa.conversations.model import Owner
from prosa.conversations.outbox import Content
from prosa.sending.model import Callback, State
from twilio_twin import Twin


def test_an_export_tells_what_was_sent_and_what_was_not_wanted(world: World, twilio_twin: Twin) -> None:
    world.deliver(world.add("Oi Ana!", content=TEMPLATE))
    world.add("PARAR", Owner.USER)
    with world.db.operator() as conn:
        found = privacy.export(conn, world.mine.tenant, world.contact, secret_keys=KEYS, actor="test")
    [delivery] = found["deliveries"]
    assert (delivery["provider_sid"], delivery["content_variables"]) == (twilio_twin.taken[0].sid, {"1": "Ana"})
    assert [row["reason"] for row in found["suppressions"]] == ["word"]


def test_an_erasure_leaves_no_trace_and_sends_nothing_more(world: World, twilio_twin: Twin) -> None:
    sent = world.add("Oi Ana!", content=TEMPLATE)
    world.deliver(sent)
    sid = world.delivery(sent).provider_sid
    assert sid
    world.hear(Callback(sid, "delivered"))
    waiting = world.add("Tudo bem, Ana?", content=Content(media_urls=("https://exemplo.com.br/ana.jpg",)))
    world.add("PARAR", Owner.USER)
    with world.db.operator() as conn:
        privacy.erase(conn, world.mine.tenant, world.contact, secret_keys=KEYS, actor="test", now=NOW)
        left = [
            str(
                conn.execute(
                    f"select to_jsonb(t) from {table} t where tenant_id = %s".encode(), [world.mine.tenant]
                ).fetchall()
            )
            for table in ("deliveries", "status_callbacks", "suppressions")
        ]
    assert "Ana" not in left[0] and "ana.jpg" not in left[0] and sid not in left[0]
    assert left[1] == "[]"
    assert "hmac:" in left[2] and world.pair.contact.key not in left[2]
    assert world.deliver(waiting) is None
    assert len(twilio_twin.taken) == 1
    assert world.delivery(sent).state is State.DELIVERED


def test_who_had_opted_out_and_was_erased_gets_nothing_until_he_says_so_himself(
    world: World, twilio_twin: Twin
) -> None:
    """Though the company has his number still, on an old list."""
    world.add("PARAR", Owner.USER)
    with world.db.operator() as conn:
        privacy.erase(conn, world.mine.tenant, world.contact, secret_keys=KEYS, actor="test", now=NOW)
    world.open()
    refused = world.add("Oi! Sentimos sua falta", content=TEMPLATE)
    assert world.deliver(refused) is None
    assert (world.delivery(refused).state, twilio_twin.taken) == (State.SUPPRESSED, [])
    world.add("voltar", Owner.USER)
    assert world.deliver(world.add("Que bom!"))
