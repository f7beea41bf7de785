"""Rules of the sentiment of single texts."""

import pytest

from prosa.analysis.model import Sentiment
from prosa.analysis.offline.sentiment import sentiment


def label(text: str) -> Sentiment:
    return sentiment(text)[0]


def score(text: str) -> float:
    return sentiment(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        "Produto excelente, recomendo",
        "amei",
        "chegou antes do prazo",
        "nota 10",
        "Great product",
        "me encantó",
        "😍",
    ],
)
def test_praise_is_positive(text: str) -> None:
    assert label(text) is Sentiment.POSITIVE


@pytest.mark.parametrize(
    "text",
    [
        "Péssimo atendimento",
        "não funciona",
        "é golpe",
        "ninguém responde",
        "terrible service",
        "no me gustó",
        "😡",
    ],
)
def test_blame_is_negative(text: str) -> None:
    assert label(text) is Sentiment.NEGATIVE


def test_a_negation_turns_praise_into_blame_and_softens_blame() -> None:
    assert score("é bom") > 0 > score("não é bom")
    assert score("nunca foi bonito") < 0
    assert score("não é durável") < 0 < score("é durável")
    assert score("não acho que é cheiroso") < 0
    assert abs(score("não achei horrível")) < abs(score("achei horrível"))


def test_a_negation_ends_at_a_clause_border() -> None:
    assert score("não demorou, ótimo") > 0


def test_not_only_denies_nothing() -> None:
    assert score("não só bonito como resistente") > 0


def test_portuguese_no_is_not_an_english_negation() -> None:
    assert score("gostei no geral, bonito") == pytest.approx(score("gostei em geral, bonito"))


def test_intensifiers_capitals_and_stretching_strengthen() -> None:
    assert score("muito bom") > score("bom") > score("um pouco bom")
    assert score("produto BOM") > score("produto bom")
    assert score("produto boooom") > score("produto bom")


def test_what_follows_a_contrast_weighs_more() -> None:
    assert score("lindo, mas péssimo") < score("péssimo, mas lindo")


def test_a_contrast_implies_the_opposite_of_unknown_words() -> None:
    assert score("É bonito, mas a tampa é de outro modelo") < score("É bonito, e a tampa é de outro modelo")


def test_what_one_wishes_for_is_missing() -> None:
    assert score("podia ser mais resistente") < 0 < score("é mais resistente")


def test_congratulations_for_something_bad_are_mockery() -> None:
    assert label("Parabéns pela demora") is Sentiment.NEGATIVE
    assert label("Parabéns pela agilidade") is Sentiment.POSITIVE


def test_taken_back_praise_is_blame() -> None:
    assert label("atendimento maravilhoso, só que não") is Sentiment.NEGATIVE
    assert label("amei esperar na fila #sqn") is Sentiment.NEGATIVE


def test_scare_quotes_turn_praise_around() -> None:
    assert label('que "ótimo" atendimento') is Sentiment.NEGATIVE


def test_greetings_are_neutral() -> None:
    assert sentiment("Bom dia, boa tarde e boa noite!") == (Sentiment.NEUTRAL, 0.0)


def test_a_question_praises_nothing() -> None:
    assert label("vocês têm algo bonito?") is Sentiment.NEUTRAL


def test_lukewarm_and_balanced_texts_are_neutral() -> None:
    assert label("Produto razoável, dá pro gasto") is Sentiment.NEUTRAL
    assert label("Produto bom, entrega ruim") is Sentiment.NEUTRAL


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("nao gostei", "não gostei"), ("mto bom", "muito bom"), ("exelente", "excelente"), ("otimooo", "ótimo")],
)
def test_spelling_and_accents_do_not_change_the_label(typed: str, meant: str) -> None:
    assert label(typed) is label(meant)


@pytest.mark.parametrize("text", ["", " ", "\x00", "?!", "12345", "🤷", "a" * 100_000, "não " * 50_000])
def test_odd_texts_are_read_without_failing(text: str) -> None:
    assert -1 <= score(text) <= 1


def test_everyday_words_judge_nothing() -> None:
    everyday = (
        "dois três tarde manhã atrás mais sempre hoje amanhã casa loja pedido produto entrega preço plano"
        " consulta dente treino mensalidade boleto quero preciso tenho vou comprei paguei mandei falei"
    )
    assert {word: score(word) for word in everyday.split() if score(word)} == {}


def test_what_removes_the_bad_is_good() -> None:
    assert label("esse chá cura qualquer tristeza") is Sentiment.POSITIVE
    assert label("não tirou a mancha, péssimo") is Sentiment.NEGATIVE


def test_bare_praise_that_closes_nothing_but_bad_news_mocks() -> None:
    assert label("app fora do ar bem no dia do pagamento, sensacional") is Sentiment.NEGATIVE
    assert label("app rápido e bonito, sensacional") is Sentiment.POSITIVE


def test_a_word_spelled_out_in_syllables_is_still_that_word() -> None:
    assert label("ficou PER-FEI-TO") is Sentiment.POSITIVE


def test_a_colon_is_no_emoticon() -> None:
    assert score("Horário: das 8h às 12h") == 0
    assert score("cheguei agora :|") < 0


def test_numbers_open_expressions() -> None:
    assert label("3 meses de atraso") is Sentiment.NEGATIVE
