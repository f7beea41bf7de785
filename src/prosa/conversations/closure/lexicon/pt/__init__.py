"""Portuguese, as written on WhatsApp in Brazil."""

from prosa.conversations.closure.lexicon.pt.agent import AGENT
from prosa.conversations.closure.lexicon.pt.closing import CLOSING
from prosa.conversations.closure.lexicon.pt.going_on import NEUTRAL, OPEN
from prosa.conversations.closure.lexicon.pt.words import FILLER, SLANG, TYPO_EXCEPTIONS, TYPO_TARGETS

CONTACT = {**OPEN, **CLOSING, **NEUTRAL}

__all__ = ["AGENT", "CONTACT", "FILLER", "SLANG", "TYPO_EXCEPTIONS", "TYPO_TARGETS"]
