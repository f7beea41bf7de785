"""What the provider says moves a delivery forward only; what speaks against sending is asked in one order."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sending.conftest import NOW

from prosa.conversations import addresses
from prosa.conversations.model import Pair
from prosa.gateways.twilio import errors
from prosa.sending.explanations import PROBLEMS, explain
from prosa.sending.model import STATUS, Delivery, Letter, Problem, State, after_status, obstacle

PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))
STATUSES = st.lists(st.sampled_from([*STATUS, "receiving", "somethingnew"]), max_size=8)


@given(st.sampled_from(State), STATUSES, st.randoms())
def test_any_order_and_any_repetition_end_in_the_same_state(state: State, said: list[str], chance: object) -> None:
    shuffled = [*said, *said]
    chance.shuffle(shuffled)
    assert reduce(after_status, shuffled, state) is reduce(after_status, said, state)


def test_what_has_arrived_has_arrived() -> None:
    assert after_status(State.DELIVERED, "failed") is State.DELIVERED
    assert after_status(State.FAILED, "read") is State.READ
    assert after_status(State.UNKNOWN, "sent") is State.SENT
    assert after_status(State.READ, "delivered") is State.READ


def letter(body: str | None = "Oi", *, template: bool = False, variables: dict[str, str] | None = None) -> Letter:
    return Letter(PAIR, body, "HX0" if template else None, variables or {})


@pytest.mark.parametrize(
    ("given_letter", "is_suppressed", "in_window", "expected"),
    [
        (letter(), False, True, None),
        (letter(), False, False, Problem.WINDOW),
        (letter(template=True), False, False, None),
        (letter(template=True), True, False, Problem.OPTED_OUT),
        (letter("x" * 2000), True, False, Problem.OPTED_OUT),
        (letter("x" * 2000), False, False, Problem.WINDOW),
        (letter("x" * 1600), False, True, None),
        (letter("x" * 1601), False, True, Problem.TEXT_TOO_LONG),
        (letter("x" * 1024, template=True), False, True, None),
        (letter("x" * 1025, template=True), False, True, Problem.TEMPLATE_TOO_LONG),
        (letter("", template=True, variables={"1": "x" * 1000, "2": "x" * 25}), False, True, Problem.TEMPLATE_TOO_LONG),
        (letter(""), False, True, Problem.EMPTY),
        (Letter(PAIR, None, media_urls=("https://exemplo.com.br/a.jpg",)), False, True, None),
    ],
)
def test_the_contacts_wish_comes_first_then_the_window_then_lengths(
    given_letter: Letter, is_suppressed: bool, in_window: bool, expected: Problem | None
) -> None:
    assert obstacle(given_letter, is_suppressed=is_suppressed, in_window=in_window) is expected


def test_whatever_went_wrong_has_plain_words() -> None:
    assert set(PROBLEMS) == set(Problem)
    fine = Delivery(1, 1, 1, State.SENT, 1, NOW, "SM1", None, None)
    assert explain(fine) is None
    for state, code, problem in (
        (State.UNKNOWN, None, None), (State.FAILED, 63016, None), (State.FAILED, None, None),
        (State.REFUSED, None, "window"), (State.SUPPRESSED, None, "opted_out"),
    ):  # fmt: skip
        broken = Delivery(1, 1, 1, state, 1, NOW, None, code, problem)
        portuguese, english = explain(broken), explain(broken, "en")
        assert portuguese and english and portuguese != english
    assert explain(Delivery(1, 1, 1, State.FAILED, 1, NOW, None, 63014, None)) == errors.explain(63014)
