"""Reading one message of the contact: which signals it gives, and which words stay unexplained."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from prosa.conversations.closure.model import DEFAULT, Settings, Signal
from prosa.conversations.closure.phrases import Match, add, compile_phrases, find, split
from prosa.conversations.closure.text import BREAKS, SENTENCE_ENDS, is_laughter, shorten
from prosa.conversations.closure.vocabulary import CONTACT_LEXICONS, FILLER, Word, plain_phrase, words

# Words that close a conversation only where nothing of substance leans on them: "falou!", not "ela falou ontem".
_STANDS_ALONE = frozenset(
    {
        Signal.FAREWELL,
        Signal.AMBIGUOUS_FAREWELL,
        Signal.ONLY_THAT,
        Signal.WISH,
        Signal.ACK,
        Signal.YES,
        Signal.NO,
        Signal.SOLVED,
        Signal.RECIPROCAL,
    }
)
_CLOSERS = frozenset({Signal.THANKS, Signal.FAREWELL, Signal.NO_MORE, Signal.END_REQUEST, Signal.GO_AHEAD})
_OPENERS = frozenset({Signal.QUESTION, Signal.REQUEST, Signal.AFTERTHOUGHT, Signal.PROBLEM})
_THANKED_FOR = frozenset("por pelo pela pelos pelas for de a to que em in com with".split())
_LINKS = frozenset("e y and mas but so entao then tambem also ai pois ah oh".split())
_POLITENESS = frozenset({"por favor", "please", "por gentileza", "porfa", "porfavor"})
_TAGS = frozenset("viu esta ok".split())
_NEGATIONS = frozenset("nao no not dont nem wont never nunca".split())
_REASON_CHARS = 60


@dataclass
class Reading:
    """Signals with the words that gave them, and the number of content words that nothing explains."""

    signals: dict[Signal, str] = field(default_factory=dict)
    residue: int = 0

    def note(self, signal: Signal, text: str) -> None:
        """Keep the first words that gave a signal."""
        self.signals.setdefault(signal, text[:_REASON_CHARS])

    def has(self, *signals: Signal) -> bool:
        """Whether any of the signals was given."""
        return any(signal in self.signals for signal in signals)


def read(text: str, settings: Settings = DEFAULT) -> Reading:
    """Read a message of the contact in Portuguese, English or Spanish, all three at once."""
    found = words(shorten(text, settings.max_chars))
    reading = Reading()
    for sentence in _sentences(found):
        _read_sentence(sentence, reading, settings)
    if not reading.signals and found and not any(word.plain[0].isalnum() for word in found):
        _read_emoji(found, reading)
    if reading.has(Signal.NO) and reading.has(Signal.THANKS):
        reading.note(Signal.DECLINE, f"{reading.signals[Signal.NO]}, {reading.signals[Signal.THANKS]}")
    if reading.has(Signal.END_REQUEST) or (
        reading.has(Signal.WITHDRAWAL, Signal.NO) and reading.signals.get(Signal.REQUEST) in _POLITENESS
    ):
        reading.signals.pop(Signal.REQUEST, None)
    return reading


def _read_emoji(found: list[Word], reading: Reading) -> None:
    """A message of emoji alone nods, whichever they are."""
    emoji = "".join(word.raw for word in found if not word.raw.isascii())
    if emoji:
        reading.note(Signal.ACK, emoji)


@lru_cache(maxsize=256)
def _trie(extra: tuple[str, ...]):  # type: ignore[no-untyped-def]
    root = compile_phrases(CONTACT_LEXICONS, plain_phrase)
    for phrase in extra:
        for elements in split(phrase):
            add(root, plain_phrase(elements), Signal.FAREWELL)
    return root


@lru_cache(maxsize=256)
def _muted(muted: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(word.plain for word in words(phrase)) for phrase in muted)


def _sentences(found: list[Word]) -> Iterator[list[Word]]:
    start = 0
    for at, word in enumerate(found):
        if word.plain in SENTENCE_ENDS:
            yield found[start : at + 1]
            start = at + 1
    if start < len(found):
        yield found[start:]


def _read_sentence(sentence: list[Word], reading: Reading, settings: Settings) -> None:
    plain = [word.plain for word in sentence]
    muted = _muted(settings.muted_keywords)
    matches = {
        match.start: match
        for match in find(_trie(settings.extra_keywords), plain)
        if tuple(plain[match.start : match.end]) not in muted
    }
    here = Reading()
    at, thanked_for = 0, False
    while at < len(plain):
        match = matches.get(at)
        if match is None:
            thanked_for = thanked_for and plain[at] not in BREAKS
            here.residue += _is_content(plain[at]) and not thanked_for
            if plain[at][0].isdigit():
                here.note(Signal.NUMBER, sentence[at].raw)
            at += 1
            continue
        counts = _counts(match, plain, matches)
        if counts and match.kind not in (Signal.OTHER_SENSE, Signal.FILLER):
            kind = Signal.REQUEST if match.kind is Signal.COMMAND else match.kind
            here.note(kind, " ".join(word.raw for word in sentence[match.start : match.end]))
        elif match.kind is not Signal.FILLER:
            here.residue += sum(_is_content(word) for word in plain[match.start : match.end]) or 1
        at = match.end
        if match.kind is Signal.THANKS:
            thanked_for = at < len(plain) and plain[at] in _THANKED_FOR
    if plain[-1] == "?" and not _is_tag_question(plain, here):
        here.note(Signal.QUESTION, " ".join(word.raw for word in sentence[-4:]))
    reading.residue += here.residue
    for signal, text in here.signals.items():
        reading.note(signal, text)


def _is_tag_question(plain: list[str], here: Reading) -> bool:
    """ "obrigada, viu?" asks nothing, nor does "passo aí amanhã, tá?"."""
    if here.has(*_OPENERS):
        return False
    tagged = len(plain) > 2 and plain[-2] in _TAGS
    return tagged or (here.has(*_CLOSERS) and not here.residue)


def _is_content(word: str) -> bool:
    return word.isalpha() and word.isascii() and len(word) > 1 and word not in FILLER and not is_laughter(word)


def _counts(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    negated = match.start > 0 and plain[match.start - 1] in _NEGATIONS
    if match.kind in (Signal.REQUEST, Signal.COMMAND) and negated:
        return False
    if match.kind in (Signal.QUESTION, Signal.COMMAND):
        return _opens_clause(match, plain, matches)
    if match.kind is Signal.BUT:
        explained = _covered(matches)
        after = range(match.end, len(plain))
        return any(_is_content(plain[at]) and at not in explained for at in after) or any(
            other.kind in _OPENERS for other in matches.values() if other.start >= match.end
        )
    if match.kind is Signal.ONLY_THAT and match.end - match.start == 1:
        return match.start == 0 or plain[match.start - 1] in BREAKS
    if match.kind in _STANDS_ALONE:
        return not _leans(match, plain, matches)
    return True


def _opens_clause(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    if match.start == 0 or plain[match.start - 1] in BREAKS | _LINKS:
        return True
    return any(other.end == match.start for other in matches.values())


def _leans(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    """Whether content follows in the same clause, other than one last word: a name, as in "tchau Carla"."""
    at, content = match.end, 0
    while at < len(plain) and plain[at] not in BREAKS and at not in matches:
        content += _is_content(plain[at]) or plain[at][0].isdigit()
        at += 1
    before = (
        match.kind is not Signal.YES
        and match.start
        and match.start - 1 not in _covered(matches)
        and _is_content(plain[match.start - 1])
    )
    return content > 1 or bool(before)


def _covered(matches: dict[int, Match[Signal]]) -> set[int]:
    return {at for match in matches.values() for at in range(match.start, match.end)}
