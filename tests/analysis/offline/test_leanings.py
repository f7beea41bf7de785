"""Small signs tip a text that has no plain word, and never outweigh one."""

from prosa.analysis.model import Sentiment
from prosa.analysis.offline.leanings import MOST, leaning
from prosa.analysis.offline.sentiment import sentiment
from prosa.analysis.offline.text import sentences


def test_a_quoted_promise_leans_to_blame_and_an_exclamation_to_praise() -> None:
    assert leaning(sentences('o quarto "vista mar" fica nos fundos')) < 0
    assert leaning(sentences("o quarto fica nos fundos")) == 0
    assert leaning(sentences("chegamos no quarto!")) > 0


def test_a_sign_counts_once_and_all_together_are_bounded() -> None:
    assert leaning(sentences("minha mãe e minha filha foram")) == leaning(sentences("minha mãe foi lá"))
    every = 'paguei caro, dizia "premium" e parece que ninguém atualiza, hein, esperando há 3 dias, ainda no suporte'
    assert leaning(sentences(every)) == -MOST


def test_a_plain_word_wins_over_every_sign() -> None:
    assert sentiment('paguei 90 reais, dizia "premium" e é excelente')[0] is Sentiment.POSITIVE
