"""The pure rules of a conversation's life."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from prosa.conversations.model import (
    CLOSED_BY,
    DETECTION,
    UNDO_WITHIN,
    Conversation,
    Owner,
    Transition,
    after_message,
    may_undo,
)
from prosa.conversations.states import OPEN, IllegalTransition, State, is_open, may_become, steps_to_close

# The table of the design, copied by hand: the code's own must say the same.
TABLE = """
pending: progress human_handoff support_closed user_closed expired failed
progress: idle_timeout human_handoff agent_closed support_closed user_closed expired failed
idle_timeout: progress human_handoff agent_closed user_closed expired failed
human_handoff: progress agent_closed support_closed user_closed expired
agent_closed:
support_closed:
user_closed:
expired:
failed:
"""
ALLOWED = {
    (State(line.split(":")[0]), State(to))
    for line in TABLE.strip().splitlines() for to in line.split(":")[1].split()
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_the_table_of_transitions_is_the_designs(before: State, after: State) -> None:
    assert may_become(before, after) == ((before, after) in ALLOWED)


def test_open_is_what_can_still_change() -> None:
    assert set(OPEN) == {State.PENDING, State.PROGRESS, State.IDLE_TIMEOUT, State.HUMAN_HANDOFF}
    assert [is_open(state) for state in State] == [state in OPEN for state in State]


@pytest.mark.parametrize(("state", "owner"), list(product(OPEN, Owner)))
def test_a_message_leads_to_a_state_that_the_table_allows(state: State, owner: Owner) -> None:
    after = after_message(state, owner)
    assert after is state or may_become(state, after)
    assert is_open(after)


def test_the_contact_resumes_and_a_person_takes_over() -> None:
    assert after_message(State.IDLE_TIMEOUT, Owner.USER) is State.PROGRESS
    assert after_message(State.HUMAN_HANDOFF, Owner.USER) is State.HUMAN_HANDOFF
    assert after_message(State.PENDING, Owner.USER) is State.PENDING
    assert after_message(State.PENDING, Owner.SUPPORT) is State.PROGRESS
    assert {after_message(state, Owner.AGENT) for state in OPEN} == {State.HUMAN_HANDOFF}
    assert [after_message(state, Owner.SYSTEM) for state in OPEN] == list(OPEN)


@pytest.mark.parametrize(("state", "owner"), list(product(OPEN, Owner)))
def test_whatever_is_open_can_be_closed_by_legal_steps(state: State, owner: Owner) -> None:
    way = [state, *steps_to_close(state, CLOSED_BY[owner])]
    assert all((before, after) in ALLOWED for before, after in pairwise(way))
    assert way[-1] is CLOSED_BY[owner]


@pytest.mark.parametrize(("state", "owner"), list(product([state for state in State if state not in OPEN], Owner)))
def test_what_is_closed_cannot_be_closed_again(state: State, owner: Owner) -> None:
    with pytest.raises(IllegalTransition):
        steps_to_close(state, CLOSED_BY[owner])


def test_a_closed_conversation_is_reopened_by_nothing_but_a_fresh_farewell() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    closed = Conversation(
        1, "api", State.USER_CLOSED, "whatsapp", "a", "a", "b", "b", None, at, at, at, at, at, 3, None, None
    )
    detected = Transition(State.PROGRESS, State.USER_CLOSED, DETECTION, "farewell", at)
    assert may_undo(closed, detected, now=at + UNDO_WITHIN)
    assert not may_undo(closed, detected, now=at + UNDO_WITHIN + timedelta(seconds=1))
    assert not may_undo(closed, replace(detected, actor="apikey:1"), now=at)
    assert not may_undo(closed, None, now=at)
    assert not may_undo(replace(closed, state=State.AGENT_CLOSED), detected, now=at)
