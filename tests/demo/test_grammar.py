from random import Random

import pytest

from prosa.demo.accounts import ACCOUNTS
from prosa.demo.grammar import Turn, expand, load, parse

SOURCE = """
= dia: segunda | terça
== oferta
A Temos [vaga|horário] <dia>.
=== preco weight=2 labels=lead,visita mood=good team=vendas
C [Oi|Olá]
@oferta
C? Serve <dia>?
A~ Conseguiu pensar, <cliente>?
"""


def dialogues(source: str, name: str, times: int = 40) -> list[list[Turn]]:
    grammar, rng = parse(source), Random(7)
    return [expand(grammar, name, rng) for _ in range(times)]


def test_a_value_stays_the_same_within_one_dialogue_and_varies_between_them() -> None:
    days = set()
    for turns in dialogues(SOURCE, "preco"):
        mentioned = {day for day in ("segunda", "terça") for turn in turns if day in turn.text}
        assert len(mentioned) == 1
        days |= mentioned
    assert days == {"segunda", "terça"}


def test_optional_lines_come_and_go_and_a_tilde_marks_a_long_silence() -> None:
    told = dialogues(SOURCE, "preco")
    assert {len(turns) for turns in told} == {3, 4}
    assert all(turns[-1].pause and not turns[0].pause for turns in told)


def test_an_answer_fits_its_question_and_is_not_given_unasked() -> None:
    source = "== x\nC oi\nC? {q:Abre domingo?|Qual o preço?}\nA& {q:Não.|Cem reais.}"
    told = {tuple(turn.text for turn in turns) for turns in dialogues(source, "x")}
    assert told == {("oi",), ("oi", "Abre domingo?", "Não."), ("oi", "Qual o preço?", "Cem reais.")}


def test_a_scenario_carries_what_the_business_does_with_it() -> None:
    (scenario,) = parse(SOURCE).scenarios
    assert (scenario.weight, scenario.labels, scenario.mood, scenario.team) == (
        2.0,
        ("lead", "visita"),
        "good",
        "vendas",
    )


def test_a_line_that_nobody_speaks_is_refused_by_its_text() -> None:
    with pytest.raises(ValueError, match="Z quem fala"):
        parse("== x\nZ quem fala?")


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.segment)
def test_every_scenario_of_the_demo_expands_without_leftovers(account) -> None:
    grammar, rng = load(account.segment), Random(1)
    for scenario in grammar.scenarios:
        for _ in range(25):
            turns = expand(grammar, scenario.name, rng)
            assert turns[0].speaker == "C", scenario.name
            assert not [turn for turn in turns if set("[]{}<>|") & set(turn.text.replace("Belle |", ""))], scenario.name
            assert all(turn.text.strip() for turn in turns), scenario.name


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.segment)
def test_no_fragment_or_value_is_left_unused_or_undefined(account) -> None:
    grammar = load(account.segment)
    lines = [line for variants in grammar.fragments.values() for lines in variants for line in lines]
    included = {line.removesuffix("?") for line in lines if isinstance(line, str)}
    assert included <= set(grammar.fragments)
