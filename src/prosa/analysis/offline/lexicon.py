"""The word lists in `data/`, read when first needed and kept. All were written for Prosa."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from prosa.analysis.offline.phrases import NUMBER, PhraseBook, phrase_book

DATA = files("prosa.analysis.offline") / "data"
LANGUAGES = ("pt", "es", "en")
"""The first language that knows an expression decides what it means."""


def rows(name: str) -> Iterator[list[str]]:
    """The fields of each line of `data/<name>.tsv`; a line without a tab that begins with "# " is a comment."""
    for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and ("\t" in line or not line.startswith("# ")):
            yield line.split("\t")


@cache
def valences() -> Mapping[str, float]:
    """Expression to valence (-4 very bad to 4 very good; 0 is lukewarm), all languages and emoji."""
    known: dict[str, float] = {}
    for name in (*LANGUAGES, "emoji", "facts"):
        for expression, weight in rows(name):
            known.setdefault(expression, float(weight))
    return known


@cache
def expressions() -> PhraseBook[float]:
    """The valences of stems, alternatives and expressions of several words (an emoticon such as ":|" is none)."""
    return phrase_book(
        (key, value)
        for key, value in valences().items()
        if not key.isalnum() and (key[0].isalnum() or key[0] == NUMBER)
    )


@cache
def boosters() -> Mapping[str, float]:
    """Intensifier to the share it adds (negative: takes away)."""
    return {word: float(share) for word, share in rows("boost")}


@cache
def words(kind: str) -> frozenset[str]:
    """The function words of one kind, such as negators."""
    return frozenset(dict(rows("words"))[kind].split())


@cache
def spellings() -> Mapping[str, tuple[str, ...]]:
    """Shorthand and common misspellings to the words they stand for."""
    return {typed: tuple(meant.split()) for typed, meant in rows("spellings")}


@lru_cache(maxsize=50_000)
def valence(word: str) -> float | None:
    """The valence of one plain word in any of its usual inflections, or None."""
    known = valences()
    return next((known[form] for form in _base_forms(word) if form in known), None)


def _base_forms(word: str) -> Iterator[str]:
    """The word, then what it may be an inflection of, nearest first (Portuguese and Spanish)."""
    yield word
    singular = word[:-1] if word.endswith("s") and len(word) > 3 else word
    yield singular
    for plural, ending in (("eis", "el"), ("ais", "al"), ("oes", "ao"), ("res", "r"), ("zes", "z")):
        if word.endswith(plural) and len(word) > 4:
            yield word[: -len(plural)] + ending
    for suffix in ("issimo", "issima", "inho", "inha", "zinho", "zinha", "ao", "ona", "mente"):
        if singular.endswith(suffix) and len(singular) > len(suffix) + 2:
            stem = singular[: -len(suffix)]
            yield from (stem, stem + "o", stem + "e", stem + "a")
            if stem.endswith("a"):
                yield stem[:-1] + "o"
    if singular.endswith("a") and len(singular) > 3:
        yield singular[:-1] + "o"
        yield singular[:-1]
