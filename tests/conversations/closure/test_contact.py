"""Typos, slang, emoji, laughter and voice notes say the same as the plain words."""

import pytest

from prosa.conversations.closure.contact import read
from prosa.conversations.closure.model import Signal


@pytest.mark.parametrize(
    "message",
    [
        "obrigado",
        "OBRIGADAAAA",
        "obirgado",
        "obgd",
        "brigadim",
        "obrigado kkkkk",
        "[áudio: muito obrigado]",
        "thnks",
        "grax",
    ],
)
def test_thanks_are_thanks_however_written(message: str) -> None:
    reading = read(message)
    assert Signal.THANKS in reading.signals
    assert reading.residue == 0


@pytest.mark.parametrize("message", ["than", "audios", "brigadeiro", "tchutchuca"])
def test_another_word_is_not_taken_for_a_typo(message: str) -> None:
    assert not read(message).has(Signal.THANKS, Signal.FAREWELL)


def test_a_closing_word_in_the_middle_of_a_tale_is_content() -> None:
    assert not read("ela falou ontem comigo").has(Signal.FAREWELL)
    assert read("falou, irmão").has(Signal.FAREWELL)


def test_a_tag_is_no_question() -> None:
    assert not read("obrigada, viu?").has(Signal.QUESTION)
    assert read("obrigada, e o prazo?").has(Signal.QUESTION)


def test_a_question_needs_no_mark() -> None:
    assert read("obrigado, quanto custa").has(Signal.QUESTION)


def test_a_concession_before_thanks_is_no_objection() -> None:
    assert not read("que pena, mas tudo bem, obrigado").has(Signal.BUT)
    assert read("obrigado, mas o valor veio diferente").has(Signal.BUT)


def test_what_one_is_thanked_for_is_not_unexplained() -> None:
    assert read("obrigado pela indicação do encanador").residue == 0


def test_emoji_alone_nod() -> None:
    assert read("💪").has(Signal.ACK)


def test_a_voice_note_without_words_and_a_picture_say_nothing_of_the_end() -> None:
    assert list(read("[áudio]").signals) == [Signal.PAYLOAD]
    assert list(read("[imagem: comprovante.jpg]").signals) == [Signal.PAYLOAD]


def test_a_huge_message_is_read_at_both_ends() -> None:
    reading = read("olha " + "bla " * 1_000_000 + "quanto custa?")
    assert reading.has(Signal.QUESTION)
