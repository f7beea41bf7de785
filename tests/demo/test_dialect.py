from random import Random

from prosa.demo.dialect import restyle, without_accents


def test_a_careful_hand_changes_nothing() -> None:
    sentence = "Você não vem hoje? Também não sei quando."
    assert restyle(sentence, 0.0, Random(1)) == sentence


def test_a_hasty_hand_drops_accents_and_shortens() -> None:
    rng = Random(3)
    typed = {restyle("Você não vem hoje", 1.0, rng) for _ in range(30)}
    assert any(text.startswith("vc n vem hj") for text in typed)
    assert all(text == without_accents(text).lower() for text in typed)


def test_a_medium_is_no_text() -> None:
    assert restyle("(audio)", 1.0, Random(1)) == "(audio)"


def test_nobody_types_nothing() -> None:
    assert all(restyle("?", 1.0, Random(seed)) == "?" for seed in range(20))


def test_emoji_survive_without_accents() -> None:
    assert without_accents("Até amanhã 🧡") == "Ate amanha 🧡"
