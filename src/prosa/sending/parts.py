"""A text that is longer than Twilio takes, split into several messages."""

import re
import unicodedata

from prosa.sending.model import LONGEST_TEXT

# Where a text may be cut, the best first: after a paragraph, a line, a sentence, a word. The cut's white space is left out.
CUTS = tuple(re.compile(cut) for cut in (r"\n\s*\n\s*", r"\n\s*", r"(?<=[.!?…])\s+", r"\s+"))

LONGEST_SIGN = 30  # characters that make one sign for the reader, such as an emoji of a family
JOINER = "\u200d"


def split(text: str, *, longest: int = LONGEST_TEXT) -> list[str]:
    """The text in parts of at most `longest` characters, in order; one part if it is short enough.

    A sentence is cut only if the part would otherwise be less than half full, and a word only if it is longer than a part.
    """
    parts, rest = [], text
    while len(rest) > longest:
        end, next_part = _cut(rest, longest)
        parts.append(rest[:end])
        rest = rest[next_part:]
    parts.append(rest)
    return [part for part in parts if part.strip()] or [text]


def _cut(text: str, longest: int) -> tuple[int, int]:
    """Where the first part ends and the next begins."""
    for cut in CUTS:
        enough = 1 if cut is CUTS[-1] else longest // 2
        fitting = [match for match in cut.finditer(text, 0, longest + 1) if enough <= match.start() <= longest]
        if fitting:
            return fitting[-1].start(), fitting[-1].end()
    start = max(longest - LONGEST_SIGN, 1)
    end = next((at for at in range(longest, start, -1) if not _belongs_to_the_one_before(text, at)), longest)
    return end, end


def _belongs_to_the_one_before(text: str, at: int) -> bool:
    """Whether the character is no sign of its own but an accent, or a part of an emoji (a joiner, what it joins, a colour)."""
    is_accent = unicodedata.category(text[at]) in ("Mn", "Me")
    return is_accent or JOINER in text[at - 1 : at + 1] or "\U0001f3fb" <= text[at] <= "\U0001f3ff"
