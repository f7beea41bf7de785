"""From signals to category and conversion score, by addition that a person can check."""

from collections.abc import Sequence

from prosa.analysis.model import Category, Sentiment
from prosa.analysis.offline.signals import DECISIONS, Message, Seen, is_small_talk

COMPLAINT_MOOD = 3.5
"""Vote for a complaint when the conversation's sentiment is negative."""
ANSWERED = {
    "sorry": (Category.COMPLAINT, 2.0),
    "delight": (Category.SERVICE, 1.8),
    "price": (Category.LEAD, 1.0),
    "fix": (Category.SERVICE, 1.0),
    "wrong": (Category.OTHER, 6.0),
    "job": (Category.OTHER, 6.0),
    "seller": (Category.OTHER, 6.0),
}
"""Votes of what the company answered (`company.reactions`); they only tip what the contact's own words began, except that a wrong
number is one whatever was written."""
PRECEDENCE = (Category.COMPLAINT, Category.SERVICE, Category.LEAD, Category.QUESTION, Category.OTHER)
"""Which category wins where votes are equal."""
UNSURE = 0.3
A_MATTER = 5
"""Words of a message from which on it tells something."""
LEAD_BASE = 30
UNDECIDED_AT_MOST = 65
"""Without a sign of a decision (`DECISIONS`) a lead does not reach the high band, whatever it asks."""
GOAL = 5
NOT_A_LEAD_AT_MOST = 20
"""The conversion score of whoever did not come to buy stays in the low band."""


def votes(seen: Seen, sentiment: Sentiment, answered: frozenset[str]) -> dict[Category, float]:
    """How strongly the signals speak for each category."""
    tally = dict.fromkeys(Category, 0.0)
    for signal in seen:
        tally[signal.category] += signal.vote
    if sentiment is Sentiment.NEGATIVE:
        tally[Category.COMPLAINT] += COMPLAINT_MOOD
    for kind in answered & ANSWERED.keys():
        category, vote = ANSWERED[kind]
        if seen or category is Category.OTHER:
            tally[category] += vote
    return tally


def categorise(
    seen: Seen, messages: Sequence[Message], sentiment: Sentiment, answered: frozenset[str] = frozenset()
) -> tuple[Category, float]:
    """Category and confidence (0 to 1): the share of votes that the winner has."""
    tally = votes(seen, sentiment, answered)
    total = sum(tally.values())
    if total == 0:
        return _without_signals(messages, sentiment), UNSURE
    winner = max(PRECEDENCE, key=lambda category: tally[category])
    return winner, round(tally[winner] / (total + 0.5), 2)


def _without_signals(messages: Sequence[Message], sentiment: Sentiment) -> Category:
    """Who only praises is a customer; who asks wants to know; who tells something has a matter open."""
    if is_small_talk(messages):
        return Category.OTHER
    if sentiment is Sentiment.POSITIVE:
        return Category.SERVICE
    if any(sentence.is_question for message in messages for sentence in message.sentences):
        return Category.QUESTION
    told = max(len(message.words) for message in messages)
    return Category.SERVICE if told >= A_MATTER else Category.OTHER


def conversion_score(seen: Seen, category: Category, *, has_goal: bool) -> int:
    """0 to 100: a base for leads plus the points of each signal, once however often it is repeated."""
    points = sum(signal.points for signal in seen)
    if category is not Category.LEAD:
        return max(0, min(NOT_A_LEAD_AT_MOST, points // 3))
    most = 100 if any(signal.name in DECISIONS for signal in seen) else UNDECIDED_AT_MOST
    return max(0, min(most, LEAD_BASE + points + (GOAL if has_goal else 0)))
