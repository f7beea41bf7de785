"""Rules of the sentiment of whole conversations."""

from prosa.analysis.model import Owner, Sentiment, Utterance
from prosa.analysis.offline.mood import mood


def talk(*said: str) -> list[Utterance]:
    """Messages written as "u: text" (user), "a: text" (agent)."""
    owners = {"u": Owner.USER, "a": Owner.AGENT}
    return [Utterance(owners[line[0]], line[3:]) for line in said]


def label(*said: str) -> Sentiment:
    return mood(talk(*said))[0]


def test_thanks_after_a_complaint_are_politeness() -> None:
    said = ("u: Meu pedido não chegou e ninguém responde", "a: Vamos verificar.", "u: Perfeito, obrigada!")
    assert label(*said) is Sentiment.NEGATIVE


def test_a_solved_and_praised_complaint_ends_positive() -> None:
    said = (
        "u: a senha não funcionava",
        "a: Corrigimos!",
        "u: agora funcionou, vocês são maravilhosos, adorei",
    )
    assert label(*said) is Sentiment.POSITIVE


def test_relief_lifts_a_grievance() -> None:
    unsolved = talk("u: meu pedido não chegou", "a: Vamos ver", "u: continuo no aguardo")
    solved = talk("u: meu pedido não chegou", "a: Vamos ver", "u: acabou de chegar")
    assert mood(solved)[1] > mood(unsolved)[1]


def test_the_end_weighs_more_than_the_beginning() -> None:
    better = mood(talk("u: péssimo", "u: excelente"))[1]
    worse = mood(talk("u: excelente", "u: péssimo"))[1]
    assert better > worse


def test_questions_and_requests_are_neutral() -> None:
    assert label("u: Qual o melhor horário?", "a: 10h.", "u: Ótimo, obrigado") is Sentiment.NEUTRAL
    assert label("u: Quero cancelar meu plano, vou mudar de cidade") is Sentiment.NEUTRAL


def test_the_matter_is_not_the_mood() -> None:
    assert label("u: estou com muita dor de dente, tem encaixe?") is Sentiment.NEUTRAL


def test_only_the_contact_counts() -> None:
    assert label("u: oi", "a: Que dia horrível, péssimo, que vergonha!") is Sentiment.NEUTRAL
    assert mood([]) == (Sentiment.NEUTRAL, 0.0)


def test_liking_the_offer_is_not_yet_praise_of_the_company() -> None:
    assert label("u: quanto custa?", "a: R$ 99", "u: gostei, posso começar segunda?") is Sentiment.NEUTRAL


def test_what_an_outsider_finds_bad_is_its_matter() -> None:
    wants_repair = (
        "u: minha geladeira parou de funcionar, estragou tudo",
        "u: quanto custa a visita? vocês consertam?",
    )
    assert label(*wants_repair) is Sentiment.NEUTRAL
    assert label("u: minha geladeira parou de funcionar, comprei com vocês e ninguém responde") is Sentiment.NEGATIVE


def test_a_mishap_of_the_contact_is_no_grievance() -> None:
    assert label("u: culpa minha, derrubei e ficou horrível, manchou tudo") is Sentiment.NEUTRAL


def test_a_rating_that_was_asked_for_counts() -> None:
    ask = "a: De 0 a 10, que nota você dá ao atendimento?"
    assert label(ask, "u: 10") is Sentiment.POSITIVE
    assert label(ask, "u: 2") is Sentiment.NEGATIVE
    assert label(ask, "u: 7") is Sentiment.NEUTRAL
    assert label("a: Quantas unidades?", "u: 10") is Sentiment.NEUTRAL
