"""How near a lead is to buying, and the band that gives to its score."""

import pytest

from prosa.analysis.model import Category, Insight, Interest, Owner, Utterance, interest_of
from prosa.analysis.offline import nearness
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.fitted import likeliest
from prosa.analysis.offline.signals import contact_messages, find_signals


def read(*said: str) -> Insight:
    owners = {"u": Owner.USER, "a": Owner.AGENT}
    return analyse([Utterance(owners[line[0]], line[3:]) for line in said])


@pytest.mark.parametrize("points", [0, 35, 60, 100])
def test_a_leads_score_lies_in_the_likeliest_band(points: int) -> None:
    history = [Utterance(Owner.USER, "Qual o valor do plano?")]
    messages = contact_messages(history)
    seen = find_signals(history, messages)
    score = nearness.lead_score(points, seen, messages, history, 0.0)
    wanted = likeliest("interest", nearness.features(points, seen, messages, history, 0.0))
    assert interest_of(score) is Interest(wanted)


def test_the_last_messages_signals_count_once_more() -> None:
    history = [Utterance(Owner.USER, "Quanto custa?"), Utterance(Owner.USER, "Quero me matricular")]
    messages = contact_messages(history)
    seen = nearness.features(50, find_signals(history, messages), messages, history, 0.0)
    assert "signal asks_price" in seen and "last asks_price" not in seen
    assert {"signal wants_to_enrol", "last wants_to_enrol"} <= set(seen)


def test_a_decision_at_the_end_is_nearer_than_a_doubt() -> None:
    asked = ("u: Quanto custa a mensalidade?", "a: R$ 99")
    decided, doubting = read(*asked, "u: Fechado, me manda o pix"), read(*asked, "u: Achei caro, vou pensar")
    assert (decided.interest, doubting.interest) == (Interest.HIGH, Interest.LOW)


def test_a_yes_to_a_reminder_is_a_customers() -> None:
    reminded = read("a: Passando para lembrar da sua consulta amanhã às 8h. Confirma?", "u: Confirmado")
    assert (reminded.category, reminded.interest) == (Category.SERVICE, Interest.LOW)
    offered = read("a: Posso agendar a sua visita amanhã às 8h?", "u: Sim, pode agendar")
    assert offered.category is Category.LEAD
