"""Whether a text takes a side: its features, and what they decide."""

import pytest

from prosa.analysis.model import Sentiment
from prosa.analysis.offline import lexicon, neutrality
from prosa.analysis.offline.sentiment import sentiment, weighed


def seen(text: str) -> dict[str, float]:
    return weighed(text)[2]


def test_praise_beside_blame_is_told_from_praise_alone() -> None:
    both, one = seen("A tela é linda. A bateria é péssima."), seen("A tela é linda. A bateria é ótima.")
    assert both["turns"] == 1 and one["turns"] == 0
    assert both["praise and blame"] > one["praise and blame"] == 0
    assert one["only one of them"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "Produto bom, mas a entrega demorou",
        "É bonito, só que a costura é fraca. Pelo preço, ok.",
        "Razoável. Atende o básico.",
    ],
)
def test_a_review_that_weighs_takes_no_side(text: str) -> None:
    assert sentiment(text)[0] is Sentiment.NEUTRAL


def test_the_side_is_the_rules_alone() -> None:
    for text in ("Amei demais, recomendo!", "Horrível, não comprem!", "Produto bom, mas a entrega demorou"):
        label, score = sentiment(text)
        assert score == weighed(text)[1]
        assert label is Sentiment.NEUTRAL or (label is Sentiment.POSITIVE) == (score > 0)


def test_every_named_feature_of_the_table_exists() -> None:
    named = {name for name, _ in lexicon.rows("neutrality") if not name.startswith("word ")}
    verdicts = {f"rules say {label.value}" for label in Sentiment}
    assert named <= set(neutrality.features([], [], 0.0, "neutral")) | verdicts
