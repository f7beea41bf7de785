"""Spanish, as written on WhatsApp in Latin America and Spain."""

from prosa.conversations.closure.lexicon.es.agent import AGENT
from prosa.conversations.closure.lexicon.es.closing import CLOSING
from prosa.conversations.closure.lexicon.es.going_on import NEUTRAL, OPEN
from prosa.conversations.closure.lexicon.es.words import FILLER, SLANG, TYPO_EXCEPTIONS, TYPO_TARGETS

CONTACT = {**OPEN, **CLOSING, **NEUTRAL}

__all__ = ["AGENT", "CONTACT", "FILLER", "SLANG", "TYPO_EXCEPTIONS", "TYPO_TARGETS"]
