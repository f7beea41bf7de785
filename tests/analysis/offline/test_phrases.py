"""The small language of expressions: stems, alternatives, gaps and numbers."""

import pytest

from prosa.analysis.offline.phrases import Match, find, phrase_book


@pytest.mark.parametrize(
    ("expression", "said", "is_found"),
    [
        ("durou # dias", "durou 3 dias", True),
        ("durou # dias", "durou quatro dias", True),
        ("durou # dias", "durou poucos dias", False),
        ("# vezes", "liguei 4,5 vezes", True),
        ("# quebr*", "umas quebraram", False),
        ("nao|nem abr*", "nem abriu", True),
        ("pedi .. veio", "pedi uma blusa azul e veio", True),
        ("pedi .. veio", "pedi uma blusa azul para mim e veio", False),
    ],
)
def test_an_expression_finds_what_it_stands_for(expression: str, said: str, is_found: bool) -> None:
    assert bool(find(phrase_book([(expression, 1)]), said.split())) is is_found


def test_a_match_says_where_it_stands() -> None:
    assert find(phrase_book([("# dias", "late")]), ["ha", "5", "dias"]) == [Match(1, 3, "late")]
