"""A text that is longer than Twilio takes, as several messages."""

import re

from prosa.sending.model import LONGEST_TEXT

# Where a text may be cut, the best first: after a paragraph, a line, a sentence, a word. The cut's white space is left out.
CUTS = tuple(re.compile(cut) for cut in (r"\n\s*\n\s*", r"\n\s*", r"(?<=[.!?…])\s+", r"\s+"))


def split(text: str, *, longest: int = LONGEST_TEXT) -> list[str]:
    """The text in parts of at most `longest` characters, in order: one part where it is short enough.

    No sentence is cut where its part would be half full without it, and no word unless it is longer than a part.
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
    return longest, longest
