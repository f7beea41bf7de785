"""Personal data that no model needs to know: hidden before a text leaves, put back into what comes home (LGPD).

CPF, CNPJ, cards, e-mail and phone numbers become `[CPF_1]`, `[EMAIL_2]`, …; the same value has the same name throughout.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

_NAMES = re.compile(r"\[(?:CPF|CNPJ|CARD|EMAIL|PHONE|TEXT)_\d+\]")
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_CARD = re.compile(r"(?<![\d.,])\d(?:[ .-]?\d){12,18}(?![\d])")
_CNPJ = re.compile(r"(?<!\w)[\dA-Z]{2}\.?[\dA-Z]{3}\.?[\dA-Z]{3}[ /]?[\dA-Z]{4}-?\d{2}(?!\w)", re.IGNORECASE)
_CPF = re.compile(r"(?<!\d)\d{3}[. ]?\d{3}[. ]?\d{3}[- .]?\d{2}(?!\d)")
_LOCAL_PHONE = re.compile(r"(?<![\d.,/])(?:9[ .]?\d{4}[-. ]?\d{4}|(?!20\d\d-20\d\d)[2-5]\d{3}-\d{4})(?![\d/])")
_DIGITS = re.compile(r"\d")
_FORMATTED_CPF = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}")
_FORMATTED_CNPJ = re.compile(r"[\dA-Z]{2}\.[\dA-Z]{3}\.[\dA-Z]{3}/[\dA-Z]{4}-\d{2}", re.IGNORECASE)


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
        """A text, or whatever JSON holds, without personal data in any of its texts."""
        return _each_text(value, self._hide)

    def restore(self, value: Any) -> Any:
        """The same the other way round. A name that was never given stays as it is."""
        return _each_text(value, lambda text: _NAMES.sub(lambda m: self._values.get(m.group(), m.group()), text))

    def _hide(self, text: str) -> str:
        # What looks like one of our names already is text like any other: it must not be restored to someone's data.
        text = _NAMES.sub(lambda match: self._name("TEXT", match.group()), text)
        for kind, pattern, is_real in _RULES:
            if kind == "EMAIL" and "@" not in text:
                continue
            text = pattern.sub(partial(self._if_real, kind, is_real), text)
        if len(_DIGITS.findall(text)) >= 8:
            for start, end in reversed(list(_phones(text))):
                text = text[:start] + self._name("PHONE", text[start:end]) + text[end:]
            text = _LOCAL_PHONE.sub(lambda match: self._name("PHONE", match.group()), text)
        return text

    def _if_real(self, kind: str, is_real: Callable[[str], bool], match: re.Match[str]) -> str:
        return self._name(kind, match.group()) if is_real(match.group()) else match.group()

    def _name(self, kind: str, value: str) -> str:
        if (kind, value) not in self._names:
            self._counts[kind] += 1
            name = f"[{kind}_{self._counts[kind]}]"
            self._names[kind, value] = name
            self._values[name] = value
        return self._names[kind, value]


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, change) for item in value]
    return value


def _is_card(text: str) -> bool:
    from stdnum import luhn  # noqa: PLC0415

    digits = re.sub(r"\D", "", text)
    return len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def _is_cnpj(text: str) -> bool:
    """Written with its dots and slash it is one even if a digit is wrong; bare, only where the check digits fit."""
    from stdnum.br import cnpj  # noqa: PLC0415

    return bool(_FORMATTED_CNPJ.fullmatch(text)) or (bool(_DIGITS.search(text)) and bool(cnpj.is_valid(text)))


def _is_cpf(text: str) -> bool:
    from stdnum.br import cpf  # noqa: PLC0415

    return bool(_FORMATTED_CPF.fullmatch(text)) or bool(cpf.is_valid(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand: Brazilian ones in any spelling, others with their country code."""
    import phonenumbers  # noqa: PLC0415  (slow to import)

    for match in phonenumbers.PhoneNumberMatcher(text, "BR", leniency=phonenumbers.Leniency.POSSIBLE):
        if match.number.country_code != 55 or len(str(match.number.national_number)) in (10, 11):
            yield match.start, match.end


_RULES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("EMAIL", _EMAIL, lambda text: True),
    ("CNPJ", _CNPJ, _is_cnpj),
    ("CARD", _CARD, _is_card),
    ("CPF", _CPF, _is_cpf),
)
"""In this order: a card's digits may contain what looks like a CPF."""
