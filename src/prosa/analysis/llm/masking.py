"""Personal data that no model needs to know: hidden before a text leaves, put back into what comes home (LGPD).

CPF, CNPJ, cards, e-mail addresses and phone numbers become `[CPF_1]`, `[EMAIL_2]`, …; one value has one name throughout.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

_BREAK = "\x1e"
"""Between two messages of one sender, which are looked at as two lines of one: people send a number in parts."""
_NAMES = re.compile(r"\[(?:CPF|CNPJ|CARD|EMAIL|PHONE|TEXT)_\d+\]")
_PLAIN = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\t\u00a0\u2007\u2009\u200b\u202f\u2060\ufeff"), " "),
    ord(_BREAK): "\n",
}
"""Dashes and blanks that phones and word processors write; one for one, so that places in the text stay."""
_ONE_LINE = _PLAIN | dict.fromkeys(map(ord, "\r\n" + _BREAK), " ")

_AT = r"(?:\s{0,2}@\s{0,2}|\s?[(\[](?:at|arroba)[)\]]\s?|\sarroba\s)"
_DOT = r"(?:\.|\s?[(\[](?:dot|ponto)[)\]]\s?|\sponto\s)"
_DOMAIN = rf"(?:[\w-]{{1,63}}(?:\n[\w-]{{1,63}})?{_DOT}){{1,8}}[^\W\d_]{{2,24}}"
_EMAIL = re.compile(rf"[\w.+-]{{1,64}}(?:{_AT}{_DOMAIN}|@[^\W\d_][\w-]{{2,62}})", re.IGNORECASE)
"""Also said in words, cut by a line's end, or without its last part."""
_SEP = r"[ .,/-]{0,3}"
_CARD = re.compile(
    rf"(?<![\d.,])(?:\d{{4}}(?:{_SEP}\d{{4}}){{3}}(?:{_SEP}\d{{1,3}})?|\d{{4}}{_SEP}\d{{6}}{_SEP}\d{{5}})(?!\d)"
)
_ODD_CARD = re.compile(r"(?<![\d.,])\d(?:[ .-]?\d){12,18}(?!\d)")
_CNPJ = re.compile(
    rf"(?<!\w)(?:\d{{2}}{_SEP}\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{4}}{_SEP}\d{{2}}"
    r"|[\dA-Z]{2}\.?[\dA-Z]{3}\.?[\dA-Z]{3}[ /]?[\dA-Z]{4}-?\d{2})(?!\w)",
    re.IGNORECASE,
)
_CPF = re.compile(rf"(?<!\d)\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{2}}(?!\d)")
_LOCAL_PHONE = re.compile(
    r"(?<![\d.,/])(?:9[ .]?\d{4}[-. ]{0,3}\d{4}"
    r"|(?!20\d\d\D+20\d\d|\d\d00\D+\d\d00)[2-5]\d{3}[ -]{1,3}\d{4})(?![\d/])"
)
"""Without an area code: a mobile one in any spelling, another one in two parts, which are neither years nor round amounts."""
_NAMED_PHONE = re.compile(
    r"\b(?:tel|fone|fixo|cel|whats|wpp|zap|liga|contato)[^\W\d_]*\D{0,15}(\d{8})(?!\d)", re.IGNORECASE
)
_CUT = re.compile(r"(?<=\d{4}) ?[\r\n]{1,2} ?(?=-? ?\d{4}(?!\d))")
"""A line's end within a phone number. A list of short numbers, one a line, is none."""
_DIGITS = re.compile(r"\d")
_FORMATTED_CPF = re.compile(r"\d{3}\. ?\d{3}\. ?\d{3} ?[-/] ?\d{2}")
_FORMATTED_CNPJ = re.compile(r"[\dA-Z]{2}\. ?[\dA-Z]{3}\. ?[\dA-Z]{3} ?/ ?[\dA-Z]{4} ?- ?\d{2}", re.IGNORECASE)
Span = tuple[int, int]


class Mask:
    """Hides and restores the personal data of one call. Deterministic: the same texts in the same order give the same names."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many different values of each kind were hidden, such as {"cpf": 1}."""
        return {kind.lower(): count for kind, count in self._counts.items() if kind != "TEXT"}

    def hide(self, value: Any) -> Any:
        """A text, or whatever JSON can hold, with the personal data in its texts hidden.

        In a list of messages (`from`, `text`), consecutive messages of one sender are searched as one text.
        """
        if isinstance(value, Mapping):
            return {key: self.hide(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [item for sender, run in groupby(value, _sender) for item in self._hide_run(sender, list(run))]
        return self._hide([value])[0] if isinstance(value, str) else value

    def restore(self, value: Any) -> Any:
        """The reverse of `hide`. A name that was never given out stays as it is."""
        return each_text(value, lambda text: _NAMES.sub(lambda m: self._values.get(m.group(), m.group()), text))

    def _hide_run(self, sender: object, run: list[Any]) -> list[Any]:
        if sender is None:
            return [self.hide(item) for item in run]
        texts = self._hide([said["text"] for said in run])
        return [{key: text if key == "text" else self.hide(item) for key, item in said.items()}
                for said, text in zip(run, texts, strict=True)]  # fmt: skip

    def _hide(self, texts: Sequence[str]) -> list[str]:
        text = _BREAK.join(text.replace(_BREAK, " ") for text in texts)
        # Text may look like one of our names from the start: it must not be restored to someone's data.
        text = _NAMES.sub(lambda match: self._name("TEXT", match.group()), text)
        for kind, blanks, find in _RULES:
            # The search is in a copy of the same length with plain dashes and blanks; what it finds is hidden in the text itself.
            text = self._hide_spans(kind, text, find(text.translate(blanks)))
        return text.split(_BREAK)

    def _hide_spans(self, kind: str, text: str, spans: Iterable[Span]) -> str:
        hidden, done = "", 0
        for start, end in spans:
            value = text[start:end]
            name = self._name(kind, value.replace(_BREAK, " "))
            hidden += text[done:start] + _BREAK.join([name] * (1 + value.count(_BREAK)))  # each message keeps its part
            done = end
        return hidden + text[done:]

    def _name(self, kind: str, value: str) -> str:
        if (kind, value) not in self._names:
            self._counts[kind] += 1
            name = f"[{kind}_{self._counts[kind]}]"
            self._names[kind, value] = name
            self._values[name] = value
        return self._names[kind, value]


def _sender(item: Any) -> object:
    """Who said it, if the item is a message; otherwise None."""
    return item.get("from") if isinstance(item, Mapping) and isinstance(item.get("text"), str) else None


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(item, change) for item in value]
    return value


def _matches(
    pattern: re.Pattern[str], is_real: Callable[[str], bool] = lambda text: True
) -> Callable[[str], Iterator[Span]]:
    """Where the pattern stands, as far as what it found is real."""
    return lambda text: (match.span() for match in pattern.finditer(text) if is_real(match.group()))


def _is_card(text: str) -> bool:
    from stdnum import luhn  # noqa: PLC0415

    digits = re.sub(r"\D", "", text)
    return len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def _is_cnpj(text: str) -> bool:
    """Whether it is a CNPJ. Written with dots and slash it counts even with a wrong digit; bare digits must pass the check."""
    from stdnum.br import cnpj  # noqa: PLC0415

    bare = re.sub(r"\W", "", text)
    return bool(_FORMATTED_CNPJ.fullmatch(text)) or (bool(_DIGITS.search(bare)) and bool(cnpj.is_valid(bare)))


def _is_cpf(text: str) -> bool:
    """Whether it is a CPF, by the same rule as for a CNPJ."""
    from stdnum.br import cpf  # noqa: PLC0415

    return bool(_FORMATTED_CPF.fullmatch(text)) or bool(cpf.is_valid(re.sub(r"\D", "", text)))


def _phones(text: str) -> Iterator[Span]:
    """Where phone numbers stand: Brazilian ones in any spelling, others with their country code."""
    import phonenumbers  # noqa: PLC0415  (slow to import)

    if len(_DIGITS.findall(text)) < 8:
        return
    for match in phonenumbers.PhoneNumberMatcher(text, "BR", leniency=phonenumbers.Leniency.POSSIBLE):
        if match.number.country_code != 55 or len(str(match.number.national_number)) in (10, 11):
            yield match.start, match.end


_RULES: tuple[tuple[str, Mapping[int, str], Callable[[str], Iterator[Span]]], ...] = (
    ("EMAIL", _PLAIN, _matches(_EMAIL)),
    ("CNPJ", _ONE_LINE, _matches(_CNPJ, _is_cnpj)),
    ("CARD", _ONE_LINE, _matches(_CARD, _is_card)),
    ("CPF", _ONE_LINE, _matches(_CPF, _is_cpf)),
    ("CARD", _ONE_LINE, _matches(_ODD_CARD, _is_card)),
    ("PHONE", _PLAIN, _phones),
    ("PHONE", _PLAIN, lambda text: _phones(_CUT.sub(lambda cut: " " * len(cut.group()), text))),
    ("PHONE", _ONE_LINE, _matches(_LOCAL_PHONE)),
    ("PHONE", _ONE_LINE, lambda text: (match.span(1) for match in _NAMED_PHONE.finditer(text))),
)
"""In this order: a card's digits may contain what looks like a CPF; a line's number goes before one that two lines make."""
