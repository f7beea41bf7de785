"""Dictionaries: what contacts and our side say, one module a language (notation: `phrases.py`)."""

from prosa.conversations.closure.lexicon import common, en, es, pt

ALL = (pt, en, es, common)
