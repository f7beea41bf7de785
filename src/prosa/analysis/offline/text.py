"""Text as the analyser sees it: sentences of plain words, whatever the spelling and accents were."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from prosa.analysis.offline import lexicon

LONGEST = 6000
"""Characters of one text that are read; of a longer one the beginning and the end (an e-mail thread's middle
repeats older mails)."""

_TOKEN = re.compile(
    r"(?P<link>https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,255}\.\w+|@\w+)"  # bounded: contacts also write @@@@@@@@
    r"|(?P<word>\d+(?:[.,/:]\d+)*%?|r\$|[^\W\d_]+(?:[-'’][^\W\d_]+)*)"
    r"|(?P<emoticon><3|</3|[:;=]['-]?[()dp3/\\|*o](?!\w)|[()]['-]?[:;=]|>:\(|¬¬|-_-|\^\^|\\o/)"
    r"|(?P<end>[.!?…]+|\n)"
    r"|(?P<sign>[^\s_])",
    re.IGNORECASE,
)
_LAUGHTER = re.compile(r"k{2,}|(?:rs){1,}|(?:ha|he|hua|ua|ah|ja){2,}h?|lo+l")
_STRETCH = re.compile(r"(\w)\1{2,}")
_STRETCHED_END = re.compile(r"([aeiou])\1+$")
_MARKS = re.compile("[\u200b-\u200f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


class Sentence(NamedTuple):
    """Plain words (commas, brackets and emoji too), which of them were stressed, and how it ended."""

    words: tuple[str, ...]
    stressed: frozenset[int]
    end: str

    @property
    def is_question(self) -> bool:
        return "?" in self.end


def sentences(text: str) -> tuple[Sentence, ...]:
    """Split a text into sentences. Links, addresses and mentions are dropped; NUL and the like do no harm."""
    return _sentences(shorten(text))


@lru_cache(maxsize=256)
def _sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of one text. Cached, because several rules read the same message one after the other."""
    text = _MARKS.sub("", text)
    all_caps = text.isupper()
    found: list[Sentence] = []
    words: list[str] = []
    stressed: set[int] = set()
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "end":
            if words:
                found.append(Sentence(tuple(words), frozenset(stressed), token))
                words, stressed = [], set()
            elif found and token.strip():
                found[-1] = found[-1]._replace(end=found[-1].end + token)
        elif kind == "word":
            spelled = normal(token)
            if is_stretched(token) or (len(token) > 2 and token.isupper() and not all_caps):
                stressed.add(len(words))
            words.extend(spelled)
        elif kind != "link":
            words.append(token)
    if words:
        found.append(Sentence(tuple(words), frozenset(stressed), ""))
    return tuple(found)


def words_of(text: str) -> list[str]:
    """All plain words of a text, in order, without sentence borders."""
    return [word for sentence in sentences(text) for word in sentence.words]


def shorten(text: str) -> str:
    """A text of at most LONGEST characters: its beginning and its end."""
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]


def plain(text: str) -> str:
    """Lower case, without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def is_stretched(word: str) -> bool:
    """Whether letters are repeated for emphasis: "muuuito", "ótimooo"."""
    return bool(_STRETCH.search(word)) and not word.isdigit()


@lru_cache(maxsize=50_000)
def normal(word: str) -> tuple[str, ...]:
    """The word as the lexicons know it: no accents, no stretching, shorthand written out ("vc" is "voce")."""
    word = plain(word).replace("’", "'")
    if word.count("-") > 1:
        word = word.replace("-", "")  # "PER-FEI-TO"
    if _LAUGHTER.fullmatch(word):
        return ("kkk",)
    if not word[0].isdigit():
        word = _STRETCH.sub(r"\1", word)
        if len(word) > 4:
            word = _STRETCHED_END.sub(r"\1", word)
    return lexicon.spellings().get(word, (word,))
