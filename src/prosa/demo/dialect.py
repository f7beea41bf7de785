"""How a customer really types: abbreviations, missing accents, no capitals, slips of the thumb."""

import re
import unicodedata
from random import Random

from prosa.demo.grammar import CONTACT_NAME, GREETING, GREETING_LOWER

_SHORT = {
    "você": "vc",
    "vocês": "vcs",
    "não": "n",
    "também": "tbm",
    "quanto": "qto",
    "obrigado": "obg",
    "obrigada": "obg",
    "beleza": "blz",
    "porque": "pq",
    "por que": "pq",
    "quando": "qdo",
    "hoje": "hj",
    "mensagem": "msg",
    "cadê": "kd",
    "muito": "mt",
    "está": "tá",
    "estou": "tô",
    "para": "pra",
    "comigo": "cmg",
    "depois": "dps",
    "verdade": "vdd",
    "valeu": "vlw",
}
_WORD = re.compile(r"\b(" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def restyle(text: str, hand: float, rng: Random) -> str:
    """The text as somebody with this `hand` types it: 0 writes like a book, 1 like a teenager on a bus."""
    if text.startswith("(") or len(text) < 3:
        return text
    if rng.random() < hand:
        text = _WORD.sub(lambda found: _SHORT[found[1].lower()], text)
    if hand > 0.45:
        text = text.replace(GREETING, GREETING_LOWER)
        text = text[:1].lower() + text[1:]
        text = text.rstrip(".").replace("...", "..")
    if hand > 0.7:
        text = without_accents(text).lower().replace("?", rng.choice(("?", "", "??")))
    if rng.random() < hand * 0.12:
        text = _slip(text, rng)
    return text


def without_accents(text: str) -> str:
    """Combining marks dropped; emoji and the rest stay."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def _slip(text: str, rng: Random) -> str:
    """Two neighbouring letters change places, or one comes twice."""
    at = rng.randrange(len(text))
    if not text[at : at + 2].isalpha() or CONTACT_NAME in text[at : at + 2]:
        return text
    pair = text[at : at + 2]
    return text[:at] + (pair[::-1] if rng.random() < 0.5 else pair[0] + pair) + text[at + 2 :]
