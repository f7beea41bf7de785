"""Closure detection: does the contact's newest message end the conversation?

Pure: no database, no network.
"""

from prosa.conversations.closure.lines import score_lines
from prosa.conversations.closure.model import DEFAULT, Action, Reason, Settings, Turn, Verdict
from prosa.conversations.closure.rules import is_afterthought, score

__all__ = [
    "DEFAULT",
    "Action",
    "Reason",
    "Settings",
    "Turn",
    "Verdict",
    "is_afterthought",
    "score",
    "score_lines",
]
