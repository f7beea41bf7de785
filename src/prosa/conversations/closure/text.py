"""Turns what people really write into plain words: accents, repeated letters, laughter, slang, typos."""

import re
import unicodedata
from collections.abc import Collection, Mapping

SENTENCE_ENDS = frozenset(".!?")
BREAKS = SENTENCE_ENDS | {","}

_VOICE_NOTE = re.compile(
    r"[\[(<]\s*(?:audio|voice(?: note| message)?|mensagem de voz|nota de voz|transcricao|transcription)"
    r"[^:\])>]{0,20}:\s*([^\])>]*)[\])>]?"
)
_MEDIA = re.compile(
    r"[\[<(]\s*(?:audio|voice|video|image[mn]?|foto|photo|arquivo|file|archivo|document[oe]?"
    r"|anexo|attachment|localizacao|location|ubicacion|contato|midia|media)\b[^\])>]{0,80}[\])>]"
)
_SMILEY = re.compile(r"[:;=]-?\)+|<3|\^\^")
_BRACKET = re.compile(r"[\[(<]")
_ABBREVIATION = re.compile(r"\b(d|dr|dra|sr|sra|srta|sto|sta|prof|profa|mr|mrs|ms|av|tel|ref|no|num)\.(?=\s*\w)")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,255}\.\w+")  # bounded: contacts also write @@@@@@@@
_STICKER = re.compile(r"[\[<(]\s*(?:figurinha|sticker|gif|emoji)\b[^\])>]{0,80}[\])>]")
# The transcript of a voice note follows its mark.
_VOICE_MARK = re.compile(r"[\[<(]\s*(?:audio|voice|nota de voz)\b[^\])>]{0,40}[\])>](?=\s*\w)")
_TOKEN = re.compile(r"<media>|<sticker>|<link>|\d[\d.,/:\-]*\d|\d|[a-z]+(?:\d+[a-z\d]*)?|[.!?,;:\n…]|[^\w\s\x00-\x7f]")
_LAUGHTER = re.compile(r"k{2,}|(?:rs){1,}r?|(?:ha|he|hi|hu|ja|je|ua|ah){2,}[haej]?|h[ae]h|lol|lmao|(?:[ahsu]){6,}")
_THREE_OR_MORE = re.compile(r"(.)\1{2,}")
_TWO_OR_MORE = re.compile(r"(.)\1+")
_PUNCTUATION = {"\n": ".", "…": ".", ";": ",", ":": ","}
_UNSEEN = re.compile(  # combining accents, skin tones, joiners, variation selectors, apostrophes, NUL
    "[\u0300-\u036f\U0001f3fb-\U0001f3ff\u200b-\u200d\u2060\ufe0e\ufe0f\u0000'\u2019\u02bc`]"
)
# "combinadíssimo", "certinho", "brigadim", "graciasitas": the plain word says the same
_DERIVED = (
    ("issimo", "o"),
    ("issima", "a"),
    ("inho", "o"),
    ("inha", "a"),
    ("im", "o"),
    ("isimo", "o"),
    ("isima", "a"),
    ("ito", "o"),
)
_SHORTEST_TYPO = 5  # below this length one edit makes another word too easily


def fold(text: str) -> str:
    """Lower case without accents, skin tones, invisible characters and apostrophes ("that's": "thats")."""
    folded = text.lower()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded)
    return _UNSEEN.sub("", folded)


def tokens(text: str) -> list[str]:
    """Words, numbers, emoji and marks of a text, folded. A voice note counts as what was said in it."""
    folded = fold(_SMILEY.sub("🙂", text))
    if "." in folded:
        folded = _ABBREVIATION.sub(r"\1", _LINK.sub(" <link> ", folded))
    if _BRACKET.search(folded):
        folded = _STICKER.sub(" <sticker> ", _VOICE_MARK.sub(" ", _VOICE_NOTE.sub(r" \1 ", folded)))
        folded = _MEDIA.sub(" <media> ", folded)
    return [_PUNCTUATION.get(token, token) for token in _TOKEN.findall(folded)]


def shorten(text: str, limit: int) -> str:
    """Beginning and end of a text that is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} … {text[-half:]}"


def is_laughter(word: str) -> bool:
    """Whether a folded word is "kkkk", "rsrs", "haha" and the like."""
    return _LAUGHTER.fullmatch(word) is not None


def plain(word: str, *, known: Collection[str], slang: Mapping[str, str], typo_targets: Collection[str]) -> str:
    """The known word that a folded word stands for, else the word itself.

    Tried in this order: slang, the word, fewer repeated letters, superlatives and diminutives, one typo in a
    long enough closing word.
    """
    if word in slang:
        return slang[word]
    if word in known:
        return word
    for candidate in (_THREE_OR_MORE.sub(r"\1\1", word), _TWO_OR_MORE.sub(r"\1", word)):
        if candidate != word and (candidate in slang or candidate in known):
            return slang.get(candidate, candidate)
    for ending, base in _DERIVED:
        if word.endswith(ending) and len(word) - len(ending) > 3 and word[: -len(ending)] + base in known:
            return word[: -len(ending)] + base
    squeezed = _THREE_OR_MORE.sub(r"\1", word)
    if len(squeezed) >= _SHORTEST_TYPO:
        for target in typo_targets:
            if abs(len(target) - len(squeezed)) <= 1 and within_one_edit(squeezed, target):
                return target
    return word


def within_one_edit(left: str, right: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours (at most) turns left into right."""
    if len(left) > len(right):
        left, right = right, left
    start = 0
    while start < len(left) and left[start] == right[start]:
        start += 1
    if len(left) < len(right):
        return left[start:] == right[start + 1 :]
    swapped = left[start + 1 : start + 2] + left[start : start + 1]
    return left[start + 1 :] == right[start + 1 :] or swapped + left[start + 2 :] == right[start:]
