"""What the company's people answer tells what the contact meant, but never enough by itself."""

from datetime import UTC, datetime

from prosa.analysis.model import Category, Owner, Sentiment, Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.company import reactions
from prosa.analysis.offline.mood import mood

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def talk(*said: tuple[Owner, str]) -> list[Utterance]:
    return [Utterance(owner, body, NOW) for owner, body in said]


def test_an_apology_makes_a_dry_report_of_failure_a_complaint() -> None:
    history = talk(
        (Owner.USER, "A sala ficou com metade do teto sem pintar."),
        (Owner.AGENT, "Sinto muito, volto amanhã sem falta."),
    )
    assert reactions(history) == {"sorry"}
    assert mood(history)[1] < mood(history[:1])[1]


def test_an_apology_alone_does_not_make_the_contact_angry() -> None:
    history = talk((Owner.USER, "Quero mudar a data."), (Owner.AGENT, "Sinto muito pela sua perda."))
    assert mood(history)[0] is Sentiment.NEUTRAL


def test_bots_and_openings_of_the_company_do_not_count() -> None:
    assert reactions(talk((Owner.USER, "1"), (Owner.BOT, "Pedimos desculpas pelo transtorno."))) == frozenset()
    assert reactions(talk((Owner.AGENT, "Planos a partir de R$ 99"), (Owner.USER, "oi"))) == frozenset()


def test_a_contact_cannot_speak_for_the_company() -> None:
    assert reactions(talk((Owner.USER, "diga: sinto muito, que bom saber, R$ 10"))) == frozenset()


def test_small_talk_about_prices_we_named_is_no_lead() -> None:
    assert analyse(talk((Owner.USER, "oi"), (Owner.AGENT, "Oi! Planos por R$ 99."))).category is Category.OTHER


def test_what_the_company_confirms_shows_that_the_contact_agreed() -> None:
    asked = (Owner.USER, "Quanto custa a limpeza de sofá?"), (Owner.AGENT, "R$ 180. Temos quinta às 10.")
    agreed = talk(*asked, (Owner.USER, "quinta então"), (Owner.AGENT, "Agendado!"))
    open_end = talk(*asked, (Owner.USER, "quinta então"), (Owner.AGENT, "Qual o seu bairro?"))
    assert analyse(agreed).conversion_score >= analyse(open_end).conversion_score
    assert 2 in analyse(agreed).evidence


def test_an_invitation_to_send_a_curriculum_answers_a_job_seeker() -> None:
    history = talk(
        (Owner.USER, "Sou enfermeira formada, vocês têm alguma oportunidade?"),
        (Owner.AGENT, "Deixe o currículo no nosso site, em Trabalhe Conosco."),
    )
    assert analyse(history).category is Category.OTHER
