"""English, as written in chats."""

from prosa.conversations.closure.lexicon.en.agent import AGENT
from prosa.conversations.closure.lexicon.en.closing import CLOSING
from prosa.conversations.closure.lexicon.en.going_on import NEUTRAL, OPEN
from prosa.conversations.closure.lexicon.en.words import FILLER, SLANG, TYPO_EXCEPTIONS, TYPO_TARGETS

CONTACT = {**OPEN, **CLOSING, **NEUTRAL}

__all__ = ["AGENT", "CONTACT", "FILLER", "SLANG", "TYPO_EXCEPTIONS", "TYPO_TARGETS"]
