"""The offline analysis's own sentences, in the language of the person who reads them on a screen.

They are stored, exported and given out by the API in Portuguese. `summary` composes them of a few known parts, so they can be
told again here.
"""

import re
from collections.abc import Mapping
from functools import cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.summary import UNANSWERED

SUMMARY = re.compile(r"([^:;]+?)(?:: ([^;]+?))?(?:; objetivo: (.+))?\.", re.DOTALL)


def told(text: str, locale: str) -> str:
    """A summary or next step, as a page in this language shows it: what `summary` composed is told in English.

    What a model or a person has written stays as it is. So does a goal, since those are the contact's own words.
    """
    if locale != "en" or not text.endswith("."):
        return text
    step = text.removeprefix(UNANSWERED)
    if step in _known():
        return ("" if step == text else _known()[UNANSWERED]) + _known()[step]
    return _summary(text)


def _summary(text: str) -> str:
    known, parts = _known(), SUMMARY.fullmatch(text)
    if not parts:
        return text
    opening, did, goal = parts.groups()
    said = did.split(", ") if did else []
    if not known.keys() >= {opening, *said}:
        return text
    listed = f": {', '.join(known[part] for part in said)}" if said else ""
    return f"{known[opening]}{listed}{f'; goal: {goal}' if goal else ''}."


@cache
def _known() -> Mapping[str, str]:
    return dict(lexicon.rows("english"))
