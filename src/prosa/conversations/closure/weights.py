"""The weights, as tables: shares of a score from 0 to 1, chosen by hand, checked by `bench/closure.py`."""

from prosa.conversations.closure.model import Act, Signal

S = Signal

CLOSING = {
    S.END_REQUEST: 0.95,
    S.GO_AHEAD: 0.8,
    S.FAREWELL: 0.85,
    S.NO_MORE: 0.85,
    S.AMBIGUOUS_FAREWELL: 0.8,
    S.ONLY_THAT: 0.6,
    S.WITHDRAWAL: 0.85,
    S.THANKS: 0.68,
    S.DECLINE: 0.5,
    S.WISH: 0.45,
    S.SOLVED: 0.5,
    S.PRAISE: 0.4,
    S.RECIPROCAL: 0.4,
    S.POSTPONE: 0.5,
    S.PLAN: 0.55,
    S.ACK: 0.15,
    S.YES: 0.0,
    S.NO: 0.05,
    S.NUMBER: 0.0,
}
SECONDARY_SHARE = 0.4
SETTLING = 0.5  # a shift by our turn from which the answer is plain, whatever else is said
FAREWELLS = frozenset({S.FAREWELL, S.AMBIGUOUS_FAREWELL})
STRONG = frozenset({S.END_REQUEST, S.FAREWELL, S.NO_MORE, S.WITHDRAWAL})

OPEN = {
    S.AFTERTHOUGHT: -1.2,
    S.KEEP_OPEN: -1.5,
    S.QUESTION: -1.5,
    S.REQUEST: -0.9,
    S.PROBLEM: -0.6,
    S.OBJECTION: -0.35,
    S.HOLD: -0.6,
    S.WAITING: -0.5,
    S.BUT: -0.45,
    S.GREETING: -0.15,
    S.PAYLOAD: -0.3,
}
OPEN_MATTER = frozenset({S.QUESTION, S.REQUEST, S.PROBLEM, S.AFTERTHOUGHT, S.HOLD, S.WAITING})

# Content words that nothing explains: none, one, two … (a strong closing halves it).
RESIDUE = (0.0, 0.0, -0.04, -0.08, -0.15, -0.2, -0.3, -0.4)

# After two questions a short answer leaves one of them open.
ANSWERS_ONE_ONLY = -0.35
SHORT_ANSWERS = frozenset({S.NO, S.NO_MORE, S.DECLINE, S.ONLY_THAT, S.ACK})

# Acts after which the contact rightly waits for us.
OWES = frozenset({Act.PROMISES, Act.REQUESTS, Act.ASKS, Act.PROPOSES})

# Where a number is an answer: the form goes on.
ANSWER = -0.4
EXPECTS_ANSWER = frozenset(
    {Act.ASKS, Act.PROPOSES, Act.REQUESTS, Act.ASKS_FOR_MORE_ITEMS, Act.ASKS_PURPOSE, Act.UPSELLS}
)

# What ends the matter whatever was asked, and what it outweighs when it comes last.
LEAVES = frozenset({S.WITHDRAWAL, S.FAREWELL, S.POSTPONE})
LEFT_OVER = {S.PROBLEM: 0.55, S.OBJECTION: 0.35, S.BUT: 0.3}

# An answer that turns our question down: "sim" to "algo mais?", "não" to "resolveu?".
CONTRADICTED = {
    Act.OFFERS_HELP: S.YES,
    Act.ASKS_TO_CLOSE: S.NO,
    Act.ASKS_IF_SOLVED: S.NO,
    Act.ASKS_IF_BROKEN: S.YES,
}

_ANSWERS_A_QUESTION = {
    S.GO_AHEAD: -0.8,
    S.FAREWELL: -0.05,
    S.AMBIGUOUS_FAREWELL: -0.5,
    S.ONLY_THAT: -0.35,
    S.THANKS: -0.45,
    S.PLAN: -0.45,
    S.WISH: -0.4,
    S.PRAISE: -0.4,
    S.RECIPROCAL: -0.3,
    S.ACK: -0.15,
    S.POSTPONE: 0.1,
}

_PROPOSED = {
    **_ANSWERS_A_QUESTION,
    S.THANKS: -0.35,
    S.DECLINE: 0.2,
    S.NO: 0.5,
    S.POSTPONE: 0.3,
}

_NOTHING_OWED = {
    S.PLAN: 0.25,
    S.POSTPONE: 0.25,
    S.WISH: 0.2,
    S.RECIPROCAL: 0.2,
    S.PRAISE: 0.2,
    S.SOLVED: 0.15,
    S.ONLY_THAT: 0.05,
}

CONTEXT: dict[Act, dict[Signal, float]] = {
    Act.ASKS_TO_CLOSE: {
        S.YES: 0.9,
        S.ACK: 0.7,
        S.GO_AHEAD: 0.1,
        S.THANKS: 0.25,
        S.ONLY_THAT: 0.3,
        S.SOLVED: 0.4,
        S.WISH: 0.4,
        S.RECIPROCAL: 0.3,
    },
    Act.OFFERS_HELP: {
        S.NO: 0.8,
        S.DECLINE: 0.4,
        S.THANKS: 0.2,
        S.ONLY_THAT: 0.3,
        S.NO_MORE: 0.1,
        S.FAREWELL: 0.1,
        S.SOLVED: 0.35,
        S.WISH: 0.4,
        S.PRAISE: 0.35,
        S.ACK: 0.3,
        S.POSTPONE: 0.4,
        S.RECIPROCAL: 0.3,
        S.WITHDRAWAL: 0.2,
    },
    Act.ASKS_IF_SOLVED: {
        S.YES: 0.8,
        S.SOLVED: 0.35,
        S.THANKS: 0.2,
        S.ACK: 0.55,
        S.ONLY_THAT: 0.1,
        S.WISH: 0.3,
        S.PRAISE: 0.3,
    },
    Act.ASKS_IF_BROKEN: {
        S.NO: 0.8,
        S.DECLINE: 0.35,
        S.SOLVED: 0.3,
        S.THANKS: -0.1,
        S.WISH: -0.2,
        S.ACK: -0.1,
        S.PRAISE: 0.2,
    },
    Act.ASKS_RATING: {
        S.NUMBER: 0.82,
        S.PRAISE: 0.4,
        S.THANKS: 0.2,
        S.WISH: 0.3,
        S.ACK: 0.5,
        S.DECLINE: 0.4,
        S.NO: 0.5,
    },
    Act.SAYS_GOODBYE: {
        S.THANKS: 0.25,
        S.ACK: 0.7,
        S.PLAN: 0.3,
        S.WISH: 0.4,
        S.RECIPROCAL: 0.5,
        S.FAREWELL: 0.1,
        S.YES: 0.4,
        S.PRAISE: 0.35,
        S.SOLVED: 0.2,
        S.DECLINE: 0.2,
        S.POSTPONE: 0.35,
        S.ONLY_THAT: 0.2,
        S.NO_MORE: 0.1,
        S.AMBIGUOUS_FAREWELL: 0.1,
    },
    Act.CONFIRMS_DONE: {
        **_NOTHING_OWED,
        S.THANKS: 0.14,
        S.ACK: 0.66,
        S.SOLVED: 0.25,
        S.FAREWELL: 0.05,
        S.ONLY_THAT: 0.1,
    },
    Act.STATES: _NOTHING_OWED,
    Act.ASKS_WELLBEING: {**_ANSWERS_A_QUESTION, S.SOLVED: -0.5},
    Act.GREETS: {**_NOTHING_OWED, S.WISH: -0.45, S.ACK: 0.0},
    Act.UPSELLS: {
        S.GO_AHEAD: -0.8,
        S.THANKS: -0.14,
        S.DECLINE: 0.3,
        S.NO: 0.6,
        S.ACK: -0.1,
        S.WISH: -0.1,
        S.ONLY_THAT: -0.1,
        S.POSTPONE: 0.15,
    },
    Act.PROMISES: {
        S.THANKS: -0.45,
        S.FAREWELL: -0.2,
        S.AMBIGUOUS_FAREWELL: -0.3,
        S.NO_MORE: -0.15,
        S.ONLY_THAT: -0.3,
        S.WISH: -0.3,
        S.ACK: -0.15,
        S.DECLINE: -0.2,
        S.PRAISE: -0.3,
        S.RECIPROCAL: -0.2,
        S.SOLVED: -0.1,
        S.POSTPONE: -0.3,
        S.PLAN: -0.4,
    },
    Act.REQUESTS: {
        **_ANSWERS_A_QUESTION,
        S.FAREWELL: -0.15,
        S.DECLINE: -0.1,
        S.SOLVED: -0.3,
        S.POSTPONE: 0.0,
    },
    Act.INSTRUCTS: {**_ANSWERS_A_QUESTION, S.THANKS: -0.25, S.SOLVED: 0.3, S.PLAN: -0.2, S.FAREWELL: -0.1},
    Act.ASKS_WORDING: dict.fromkeys(CLOSING, -0.6),
    Act.ASKS: _ANSWERS_A_QUESTION,
    Act.PROPOSES: _PROPOSED,
    Act.ASKS_FOR_MORE_ITEMS: {**_ANSWERS_A_QUESTION, S.NO_MORE: -0.3, S.DECLINE: -0.1},
    Act.ASKS_PURPOSE: {**_ANSWERS_A_QUESTION, S.DECLINE: 0.1},
    Act.SILENT: {
        S.GO_AHEAD: -0.4,
        S.THANKS: -0.2,
        S.WISH: -0.4,
        S.ACK: -0.15,
        S.PLAN: -0.2,
        S.PRAISE: -0.2,
        S.SOLVED: -0.1,
        S.ONLY_THAT: -0.2,
    },
}
