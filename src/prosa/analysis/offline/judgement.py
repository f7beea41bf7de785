"""From what a conversation shows to its sentiment, category and conversion score.

Classes are chosen by fitted weights (`bench/conversation_fit.py`), which add up (`fitted`); a lead's score is the sum of its
signals' points, moved into the band of the likeliest interest.
"""

from collections.abc import Mapping

from prosa.analysis.model import HIGH_FROM, MEDIUM_FROM, Category, Interest, Sentiment
from prosa.analysis.offline.fitted import chances
from prosa.analysis.offline.mood import NEGATIVE_TO, POSITIVE_FROM
from prosa.analysis.offline.signals import DECISIONS, Seen
from prosa.analysis.offline.traits import FORM

Traits = Mapping[str, float]

LEAD_BASE = 30
UNDECIDED_AT_MOST = 65
"""Without a sign of a decision (`DECISIONS`) a lead's points do not reach the high band, whatever it asks."""
GOAL = 5
NOT_A_LEAD_AT_MOST = 20
"""The conversion score of whoever did not come to buy stays in the low band."""
BANDS = {
    Interest.LOW: (0, MEDIUM_FROM - 1),
    Interest.MEDIUM: (MEDIUM_FROM, HIGH_FROM - 1),
    Interest.HIGH: (HIGH_FROM, 100),
}
FEELINGS = {
    Sentiment.NEGATIVE: (-1.0, NEGATIVE_TO),
    Sentiment.NEUTRAL: (NEGATIVE_TO + 0.01, POSITIVE_FROM - 0.01),
    Sentiment.POSITIVE: (POSITIVE_FROM, 1.0),
}
"""The scores of each sentiment."""


def sentiment_of(traits: Traits) -> tuple[Sentiment, float]:
    """The likeliest sentiment, and the mood (-1 to 1) moved into its bounds."""
    found = Sentiment(_likeliest("sentiment", traits)[0])
    lowest, highest = FEELINGS[found]
    return found, max(lowest, min(highest, traits["mood"]))


def category_of(traits: Traits) -> tuple[Category, float]:
    """The likeliest category, and how likely it is (0 to 1)."""
    name, chance = _likeliest("category", traits)
    return Category(name), round(chance, 2)


def points(seen: Seen, *, has_goal: bool) -> int:
    """A lead's points, 0 to 100: a base plus the points of each signal, which count once however often it is repeated."""
    most = 100 if any(signal.name in DECISIONS for signal in seen) else UNDECIDED_AT_MOST
    return max(0, min(most, LEAD_BASE + sum(signal.points for signal in seen) + (GOAL if has_goal else 0)))


def conversion_score(category: Category, seen: Seen, traits: Traits, *, has_goal: bool) -> int:
    """0 to 100: a lead's points, moved into the band of its likeliest interest. Others get a share of their points."""
    if category is not Category.LEAD:
        return max(0, min(NOT_A_LEAD_AT_MOST, sum(signal.points for signal in seen) // 3))
    own = points(seen, has_goal=has_goal)
    lowest, highest = BANDS[Interest(_likeliest("interest", with_points(traits, own))[0])]
    return max(lowest, min(highest, own))


def with_points(traits: Traits, points: int) -> dict[str, float]:
    """The traits that the interest is read from."""
    return {**traits, f"{FORM}points": points / 50}


def _likeliest(table: str, traits: Traits) -> tuple[str, float]:
    return max(chances(table, traits).items(), key=lambda chance: chance[1])
