"""Bringing what people write to plain words."""

from hypothesis import given
from hypothesis import strategies as st

from prosa.conversations.closure.text import fold, shorten, tokens, within_one_edit

WORDS = st.text("abcd", min_size=1, max_size=8)


def test_accents_case_and_apostrophes_do_not_matter() -> None:
    assert fold("Não, THAT'S") == "nao, thats"


def test_a_voice_note_counts_as_what_was_said() -> None:
    assert tokens("[Áudio: tá bom, tchau]") == ["ta", "bom", ",", "tchau"]


def test_links_and_files_are_one_token() -> None:
    assert tokens("veja https://prosa.example/x ou ana@prosa.example [imagem]") == [
        "veja", "<link>", "ou", "<link>", "<media>",
    ]  # fmt: skip


def test_a_skin_tone_is_no_word() -> None:
    assert tokens("👍🏾") == ["👍"]


def test_a_long_text_keeps_both_ends() -> None:
    assert shorten("a" * 50 + "b" * 50, 20) == "a" * 10 + " … " + "b" * 10


@given(WORDS, st.data())
def test_one_edit_or_swap_is_tolerated(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdx"))
    assert within_one_edit(word, word[:at] + word[at + 1 :])
    assert within_one_edit(word, word[:at] + letter + word[at:])
    assert within_one_edit(word, word[:at] + letter + word[at + 1 :])
    assert within_one_edit(word, word[:at] + word[at : at + 2][::-1] + word[at + 2 :])


@given(WORDS, WORDS)
def test_the_distance_is_symmetric_and_two_letters_more_are_too_far(left: str, right: str) -> None:
    assert within_one_edit(left, right) == within_one_edit(right, left)
    assert not within_one_edit(left, left + "xx")
