"""News and notices tell of bad things without feeling; who complains of the same speaks of himself."""

import pytest

from prosa.analysis.model import Sentiment
from prosa.analysis.offline.report import is_report
from prosa.analysis.offline.sentiment import sentiment
from prosa.analysis.offline.text import sentences


@pytest.mark.parametrize(
    "text",
    [
        "Polícia prende suspeito de golpe em Campinas",
        "Prefeitura anuncia corte de verba na saúde",
        "Abastecimento suspenso das 8h às 12h por falha na bomba",
    ],
)
def test_a_headline_is_neutral_whatever_it_tells(text: str) -> None:
    assert is_report(sentences(text))
    assert sentiment(text)[0] is Sentiment.NEUTRAL


@pytest.mark.parametrize(
    "text",
    [
        "a prefeitura anuncia corte de verba e eu que me lasque, péssimo",
        "Prefeitura anuncia corte de verba!!! Absurdo",
        "meu abastecimento suspenso de novo, 2 dias sem água 😡",
    ],
)
def test_who_minds_reports_nothing(text: str) -> None:
    assert not is_report(sentences(text))
    assert sentiment(text)[0] is Sentiment.NEGATIVE
