"""From what a conversation shows to its classes and score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosa.analysis.model import Category, Insight, Interest, Owner, Sentiment, Utterance, interest_of
from prosa.analysis.offline import judgement
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.fitted import chances
from prosa.analysis.offline.mood import mood
from prosa.analysis.offline.signals import contact_messages, find_signals
from prosa.analysis.offline.traits import FORM, TOLD, traits


def read(*said: str) -> Insight:
    owners = {"u": Owner.USER, "a": Owner.AGENT}
    return analyse([Utterance(owners[line[0]], line[3:]) for line in said])


def shown(*said: str) -> dict[str, float]:
    history = [Utterance(Owner.USER if line[0] == "u" else Owner.AGENT, line[3:]) for line in said]
    messages = contact_messages(history)
    seen = find_signals(history, messages)
    return traits(history, messages, seen, mood(history, seen))


@pytest.mark.parametrize("goal", [True, False])
@pytest.mark.parametrize("said", ["Qual o valor do plano?", "Fechado, manda o pix", "Achei caro, vou pensar"])
def test_a_leads_score_lies_in_the_likeliest_band(said: str, goal: bool) -> None:
    history = [Utterance(Owner.USER, said)]
    seen = find_signals(history, contact_messages(history))
    known = shown(f"u: {said}")
    score = judgement.conversion_score(Category.LEAD, seen, known, has_goal=goal)
    likely = chances("interest", judgement.with_points(known, judgement.points(seen, has_goal=goal)))
    assert interest_of(score) is Interest(max(likely, key=lambda interest: likely[interest]))


@given(
    st.dictionaries(
        st.sampled_from(["mood", "asks", "signal asks_price", "said obrigado", "nothing"]), st.floats(-1, 1)
    )
)
def test_chances_are_shares_of_one_whatever_is_shown(seen: dict[str, float]) -> None:
    for table, classes in (("sentiment", Sentiment), ("category", Category)):
        found = chances(table, seen | {"small talk": 0.0})
        assert set(found) <= set(classes) and sum(found.values()) == pytest.approx(1)


@given(st.sampled_from(list(Sentiment)), st.floats(-1, 1))
def test_a_score_lies_on_its_sentiments_side(sentiment: Sentiment, score: float) -> None:
    found, moved = judgement.sentiment_of({f"mood {sentiment}": 1.0, "mood": score})
    lowest, highest = judgement.FEELINGS[found]
    assert lowest <= moved <= highest


def test_the_last_messages_signals_count_once_more() -> None:
    seen = shown("u: Quanto custa?", "u: Quero me matricular")
    assert "signal asks_price" in seen and "last asks_price" not in seen
    assert {"signal wants_to_enrol", "last wants_to_enrol"} <= set(seen)


def test_a_talks_form_and_the_companys_words_are_told_apart() -> None:
    seen = shown("u: Quanto custa?", "a: R$ 99 por mês", "u: ok")
    assert seen[f"{FORM}messages"] > shown("u: Quanto custa?")[f"{FORM}messages"]
    assert f"{TOLD}mes" in seen and "said mes" not in seen


def test_a_decision_at_the_end_is_nearer_than_a_doubt() -> None:
    asked = ("u: Quanto custa a mensalidade?", "a: R$ 99")
    decided, doubting = read(*asked, "u: Fechado, me manda o pix"), read(*asked, "u: Achei caro, vou pensar")
    assert (decided.interest, doubting.interest) == (Interest.HIGH, Interest.LOW)


def test_a_yes_to_a_reminder_is_a_customers() -> None:
    reminded = read("a: Passando para lembrar da sua consulta amanhã às 8h. Confirma?", "u: Confirmado")
    assert (reminded.category, reminded.interest) == (Category.SERVICE, Interest.LOW)
    offered = read("a: Posso agendar a sua visita amanhã às 8h?", "u: Sim, pode agendar")
    assert offered.category is Category.LEAD
