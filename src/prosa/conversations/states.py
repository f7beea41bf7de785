"""The states of a conversation that lives here, and what may become what."""

from enum import StrEnum

from prosa.errors import Conflict


class State(StrEnum):
    """Where a conversation is in its life."""

    PENDING = "pending"  # nobody on our side has answered yet
    PROGRESS = "progress"
    IDLE_TIMEOUT = "idle_timeout"  # paused, not closed
    HUMAN_HANDOFF = "human_handoff"  # a person has taken over: automation is silent, messages are still kept
    AGENT_CLOSED = "agent_closed"  # by a person of the company
    SUPPORT_CLOSED = "support_closed"  # by a program or a rule of the company
    USER_CLOSED = "user_closed"  # by the contact
    EXPIRED = "expired"
    FAILED = "failed"


S = State
ENDS = (S.USER_CLOSED, S.EXPIRED)
MAY_BECOME: dict[State, frozenset[State]] = {
    S.PENDING: frozenset({S.PROGRESS, S.HUMAN_HANDOFF, S.SUPPORT_CLOSED, *ENDS, S.FAILED}),
    S.PROGRESS: frozenset({S.IDLE_TIMEOUT, S.HUMAN_HANDOFF, S.AGENT_CLOSED, S.SUPPORT_CLOSED, *ENDS, S.FAILED}),
    S.IDLE_TIMEOUT: frozenset({S.PROGRESS, S.HUMAN_HANDOFF, S.AGENT_CLOSED, *ENDS, S.FAILED}),
    S.HUMAN_HANDOFF: frozenset({S.PROGRESS, S.AGENT_CLOSED, S.SUPPORT_CLOSED, *ENDS}),
    **{closed: frozenset() for closed in (S.AGENT_CLOSED, S.SUPPORT_CLOSED, S.USER_CLOSED, S.EXPIRED, S.FAILED)},
}
OPEN = tuple(state for state in State if MAY_BECOME[state])


class IllegalTransition(Conflict):
    """The table of transitions does not allow this step."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"A conversation that is {before} cannot become {after}.")
        self.before, self.after = before, after


def may_become(before: State, after: State) -> bool:
    """Whether the table of transitions allows this step."""
    return after in MAY_BECOME[before]


def is_open(state: State) -> bool:
    """Whether a conversation in this state can still go on."""
    return bool(MAY_BECOME[state])


def steps_to_close(state: State, closed: State) -> tuple[State, ...]:
    """The legal way from an open state to a closed one.

    A person takes over what is still pending before closing it; a program resumes what is paused. Raises IllegalTransition if
    there is no such way.
    """
    if may_become(state, closed):
        return (closed,)
    between = {S.AGENT_CLOSED: S.HUMAN_HANDOFF, S.SUPPORT_CLOSED: S.PROGRESS}.get(closed)
    if between and may_become(state, between) and may_become(between, closed):
        return (between, closed)
    raise IllegalTransition(state, closed)
