"""A long text becomes parts that Twilio takes, cut where a reader would pause, with nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosa.sending.model import LONGEST_TEXT
from prosa.sending.parts import split

WORDS = st.text(st.sampled_from("ab .!?\n\téã🙂"), max_size=400)


@given(WORDS, st.integers(5, 60))
def test_every_part_fits_and_nothing_is_lost(text: str, longest: int) -> None:
    parts = split(text, longest=longest)
    if text.strip():
        assert all(0 < len(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=9), min_size=1))
def test_no_word_is_cut_that_fits_into_a_part(words: list[str]) -> None:
    assert [word for part in split(" ".join(words), longest=10) for word in part.split()] == words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Oi. Tudo bem?", ["Oi. Tudo bem?"]),
        ("Abrimos às 8h. Fechamos às 18h.", ["Abrimos às 8h.", "Fechamos às 18h."]),
        ("O endereço é:\nRua A, 12. Centro", ["O endereço é:", "Rua A, 12. Centro"]),
        ("Primeiro texto.\n\nO segundo. É este.", ["Primeiro texto.", "O segundo. É este."]),
        ("👩\u200d👩\u200d👦" * 6, ["👩\u200d👩\u200d👦" * 4, "👩\u200d👩\u200d👦" * 2]),
        ("e\u0301" * 8 + "e\u0302\u0303\u0301\u0302o", ["e\u0301" * 8, "e\u0302\u0303\u0301\u0302o"]),
        ("umapalavramuitomaislongadoqueoslimites", ["umapalavramuitomaisl", "ongadoqueoslimites"]),
    ],
)
def test_a_text_is_cut_after_a_paragraph_a_line_a_sentence_then_a_word(text: str, parts: list[str]) -> None:
    assert split(text, longest=20) == parts


def test_what_twilio_takes_stays_whole() -> None:
    assert split("x " * (LONGEST_TEXT // 2)) == ["x " * (LONGEST_TEXT // 2)]
    assert [len(part) for part in split("x" * (LONGEST_TEXT + 1))] == [LONGEST_TEXT, 1]
