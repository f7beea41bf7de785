"""The notation of the dictionaries."""

from enum import StrEnum

from prosa.conversations.closure.phrases import compile_phrases, find


class Kind(StrEnum):
    FIRST = "first"
    SECOND = "second"


def kinds(phrases: dict[Kind, str], text: str) -> list[tuple[str, str]]:
    words = text.split()
    found = find(compile_phrases([phrases], list), words)
    return [(match.kind.value, " ".join(words[match.start : match.end])) for match in found]


def test_the_longest_phrase_wins() -> None:
    phrases = {Kind.FIRST: "valeu", Kind.SECOND: "valeu a pena"}
    assert kinds(phrases, "valeu a pena") == [("second", "valeu a pena")]
    assert kinds(phrases, "valeu a todos") == [("first", "valeu")]


def test_the_first_kind_wins_where_two_list_a_phrase() -> None:
    assert kinds({Kind.SECOND: "beleza", Kind.FIRST: "beleza"}, "beleza") == [("first", "beleza")]


def test_choices_options_and_endings() -> None:
    phrases = {Kind.FIRST: "muito? obrigad@, até logo|breve"}
    assert kinds(phrases, "muito obrigadas") == [("first", "muito obrigadas")]
    assert kinds(phrases, "obrigado ate breve") == [("first", "obrigado"), ("first", "ate breve")]


def test_a_gap_skips_up_to_three_words_of_a_sentence() -> None:
    phrases = {Kind.FIRST: "posso * ajudar"}
    assert kinds(phrases, "posso ainda te hoje ajudar") == [("first", "posso ainda te hoje ajudar")]
    assert kinds(phrases, "posso a b c d ajudar") == []
    assert kinds(phrases, "posso . ajudar") == []


def test_classes_of_words() -> None:
    phrases = {Kind.FIRST: "obrigado a <inf>, nota <num>, está <ger>"}
    assert kinds(phrases, "obrigado a pagar") == [("first", "obrigado a pagar")]
    assert kinds(phrases, "nota 10") == [("first", "nota 10")]
    assert kinds(phrases, "esta pedindo") == [("first", "esta pedindo")]
