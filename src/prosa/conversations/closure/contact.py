"""Reads one message of the contact: the signals that it gives, and how many of its words nothing explains."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from prosa.conversations.closure.model import DEFAULT, Settings, Signal
from prosa.conversations.closure.phrases import Match, Node, add, compile_phrases, find
from prosa.conversations.closure.text import BREAKS, SENTENCE_ENDS, is_laughter, shorten
from prosa.conversations.closure.vocabulary import CONTACT_LEXICONS, FILLER, Word, plain_phrase, words

S = Signal

# These close a conversation only where nothing of substance leans on them: "falou!", not "ela falou ontem".
_DENIED_BY = frozenset({"nada", "nao"})
_STANDS_ALONE = {
    S.FAREWELL, S.AMBIGUOUS_FAREWELL, S.ONLY_THAT, S.WISH, S.ACK, S.YES, S.NO, S.SOLVED, S.RECIPROCAL,
}  # fmt: skip
_IMPERATIVES = {S.REQUEST, S.COMMAND}
_CLOSERS = (S.THANKS, S.FAREWELL, S.NO_MORE, S.END_REQUEST, S.GO_AHEAD)
_OPENERS = (S.QUESTION, S.REQUEST, S.AFTERTHOUGHT, S.PROBLEM)
_THANKED_FOR = frozenset(
    ["por", "pelo", "pela", "pelos", "pelas", "for", "de", "a", "to", "que", "em", "in", "com", "with"]
)
_LINKS = frozenset(["e", "y", "and", "mas", "but", "so", "entao", "then", "tambem", "also", "ai", "pois", "ah", "oh"])
_NEGATIONS = frozenset(["nao", "no", "not", "dont", "nem", "wont", "never", "nunca"])
_POLITENESS = frozenset({"por favor", "please", "por gentileza", "porfa", "porfavor"})
# "obrigada, viu?", "tá bom?"
_TAGS = frozenset({"viu", "esta", "ok", "ne", "bom", "certo", "combinado", "hein", "sabia", "visse"})
DENIALS = frozenset({"nao", "nada", "nem", "not", "no"})  # after a verb, too: "chegou não", "normalizou nada"
_CONDITIONS = frozenset({"se", "if", "si", "caso", "unless"})
_REASON_CHARS = 60


@dataclass
class Reading:
    """One message of the contact as it was read.

    `signals`: each with the words that gave it; `order`: in the order of the message. `residue`: how many content words
    nothing explains. `words`: all its plain words. `asks`: whether it puts a question with its mark.
    """

    signals: dict[Signal, str] = field(default_factory=dict)
    order: list[Signal] = field(default_factory=list)
    residue: int = 0
    words: tuple[str, ...] = ()
    asks: bool = False

    def note(self, signal: Signal, found: list[Word]) -> None:
        """Keep the first words that gave a signal."""
        self.signals.setdefault(signal, " ".join(word.raw for word in found)[:_REASON_CHARS])
        self.order.append(signal)

    def has(self, *signals: Signal) -> bool:
        """Whether any of the signals was given."""
        return any(signal in self.signals for signal in signals)

    def ends_with(self, closing: Collection[Signal], after: Signal) -> bool:
        """Whether one of `closing` is said later than the last `after`: "que absurdo, desisto", not the reverse."""
        told = [signal for signal in self.order if signal in closing or signal is after]
        return bool(told) and told[-1] is not after


def read(text: str, settings: Settings = DEFAULT) -> Reading:
    """Read a message of the contact in Portuguese, English or Spanish, all three at once."""
    found = words(shorten(text, settings.max_chars))
    reading = Reading(words=tuple(word.plain for word in found))
    for sentence in _sentences(found):
        here = _read_sentence(sentence, settings)
        reading.residue += here.residue
        reading.order += here.order
        reading.asks |= here.asks
        reading.signals = here.signals | reading.signals
    emoji = [word for word in found if not word.raw.isascii()]
    if emoji and not reading.signals and not any(word.plain[0].isalnum() for word in found):
        reading.note(S.ACK, emoji)  # emoji alone nod, whichever they are
    if reading.has(S.NO) and reading.has(S.THANKS):
        reading.signals.setdefault(S.DECLINE, f"{reading.signals[S.NO]}, {reading.signals[S.THANKS]}")
    if reading.has(S.GREETING) and not reading.has(*_CLOSERS):
        reading.signals.pop(S.WISH, None)  # "oi, bom dia" opens
    polite = reading.signals.get(S.REQUEST) in _POLITENESS and reading.has(S.WITHDRAWAL, S.NO)
    if polite or reading.has(S.END_REQUEST):
        reading.signals.pop(S.REQUEST, None)
    return reading


def keyword(phrase: str) -> tuple[str, ...]:
    """A tenant's keyword as plain words, without punctuation."""
    return tuple(word.plain for word in words(phrase) if word.plain not in BREAKS)


@lru_cache(maxsize=256)
def _trie(extra: tuple[str, ...]) -> Node[Signal]:
    root = compile_phrases(CONTACT_LEXICONS, plain_phrase)
    for plain in filter(None, map(keyword, extra)):
        add(root, plain, S.FAREWELL)
    return root


@lru_cache(maxsize=256)
def spelled(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """A tenant's keywords as plain words between spaces."""
    return tuple(f" {' '.join(plain)} " for plain in map(keyword, phrases) if plain)


def _sentences(found: list[Word]) -> Iterator[list[Word]]:
    start = 0
    for at, word in enumerate(found):
        if word.plain in SENTENCE_ENDS:
            yield found[start : at + 1]
            start = at + 1
    if start < len(found):
        yield found[start:]


def _read_sentence(sentence: list[Word], settings: Settings) -> Reading:
    plain = [word.plain for word in sentence]
    matches = _matches(plain, settings)
    here = Reading()
    at, thanked_for = 0, False
    while at < len(plain):
        match = matches.get(at)
        if match is None:
            thanked_for = thanked_for and plain[at] not in BREAKS
            here.residue += _is_content(plain[at]) and not thanked_for
            if plain[at][0].isdigit():
                here.note(S.NUMBER, sentence[at : at + 1])
            at += 1
            continue
        _note_match(here, match, sentence, counts=_counts(match, plain, matches))
        at = match.end
        if match.kind is S.THANKS:
            thanked_for = at < len(plain) and plain[at] in _THANKED_FOR
    if plain[-1] == "?" and not _is_tag_question(plain, here):
        here.note(S.QUESTION, sentence[-4:])
        here.asks = True
    return here


def _matches(plain: list[str], settings: Settings) -> dict[int, Match[Signal]]:
    """The phrases that the dictionaries find, by place, without those that the tenant has muted."""
    found = find(_trie(settings.extra_keywords), plain)
    if silent := spelled(settings.muted_keywords):
        matched = {match: f" {' '.join(plain[match.start : match.end])} " for match in found}
        found = [match for match in found if not any(phrase in matched[match] for phrase in silent)]
    return {match.start: match for match in found}


def _note_match(here: Reading, match: Match[Signal], sentence: list[Word], *, counts: bool) -> None:
    found = sentence[match.start : match.end]
    if match.kind is S.FILLER:
        return
    if match.kind is S.SOLVED and sentence[match.end : match.end + 1] and sentence[match.end].plain in _DENIED_BY:
        here.note(S.PROBLEM, sentence[match.start : match.end + 1])
        return
    if counts and match.kind is not S.OTHER_SENSE:
        here.note(S.REQUEST if match.kind is S.COMMAND else match.kind, found)
    else:
        here.residue += sum(_is_content(word.plain) for word in found) or 1


def _is_tag_question(plain: list[str], here: Reading) -> bool:
    """Whether a question mark asks nothing: "obrigada, viu?", "passo aí amanhã, tá?"."""
    if here.has(*_OPENERS):
        return False
    tagged = len(plain) > 2 and plain[-2] in _TAGS
    return tagged or (here.has(*_CLOSERS) and not here.residue)


@lru_cache(maxsize=8192)
def _is_content(word: str) -> bool:
    return word.isalpha() and word.isascii() and len(word) > 1 and word not in FILLER and not is_laughter(word)


def _counts(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    """Whether a phrase means in this place what the dictionary says."""
    before = plain[match.start - 1] if match.start else "."
    if match.kind in _IMPERATIVES and (before in _NEGATIONS or plain[match.start - 2 : match.start] == ["que", "eu"]):
        return False  # "não quero", "era essa que eu queria"
    if match.kind in (S.QUESTION, S.COMMAND):
        opens_clause = before in BREAKS | _LINKS
        return opens_clause or any(other.end == match.start for other in matches.values())
    if match.kind is S.WITHDRAWAL and not _CONDITIONS.isdisjoint(plain[: match.start]):
        return False  # "se não responder, vou procurar outro": a threat
    if match.kind is S.BUT:
        return _content_follows(match, plain, matches)
    if match.kind is S.ONLY_THAT and match.end - match.start == 1:
        return before in BREAKS
    return match.kind not in _STANDS_ALONE or not _leans(match, plain, matches)


def _content_follows(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    """Whether more than closing words follow: "mas o valor veio errado", not "mas tudo bem"."""
    if match.end in matches and matches[match.end].kind in _CLOSERS:
        return False
    explained = _covered(matches)
    unexplained = (at for at in range(match.end, len(plain)) if at not in explained)
    later = (other for other in matches.values() if other.start >= match.end)
    return any(_is_content(plain[at]) for at in unexplained) or any(other.kind in _OPENERS for other in later)


def _leans(match: Match[Signal], plain: list[str], matches: dict[int, Match[Signal]]) -> bool:
    """Whether content touches the phrase in its clause. One last word may: a name, as in "tchau Carla"."""
    at, content = match.end, 0
    while at < len(plain) and plain[at] not in BREAKS and at not in matches:
        content += _is_content(plain[at]) or plain[at][0].isdigit()
        at += 1
    if at in matches and matches[at].kind is S.OTHER_SENSE:
        return True
    if match.kind is S.YES or not match.start:
        return content > 1
    return content > 1 or (match.start - 1 not in _covered(matches) and _is_content(plain[match.start - 1]))


def _covered(matches: dict[int, Match[Signal]]) -> set[int]:
    return {at for match in matches.values() for at in range(match.start, match.end)}
