"""Numbers, money, durations and dates as people write them. None is a dash."""

import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime, format_interval, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

DASH = "–"
DATE = {"pt_BR": "dd/MM/yyyy", "en": "MMM d, y"}
MOMENT = {locale: f"{date} HH:mm" for locale, date in DATE.items()}
POINTS = {"pt_BR": "p.p.", "en": "pp"}
MANY_TIMES, TIMES = 10, "×"
LONGEST_LISTED = 60  # letters of a name
Number = float | Decimal  # an int is a float, too


@dataclass(frozen=True)
class Format:
    """The formats of one locale (pt_BR) and time zone (an IANA name)."""

    locale: str
    timezone: str

    def number(self, value: Number | None, digits: int = 0) -> str:
        """12.345, with `digits` decimals."""
        return DASH if value is None else _number(value, digits, self.locale)

    def compact(self, value: Number | None) -> str:
        """Short enough for a card: whole up to 9.999, then 12,3 mil."""
        if value is None or abs(float(value)) < 10_000:
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def percent(self, ratio: Number | None, digits: int = 1) -> str:
        """0.123 as 12,3%."""
        return DASH if ratio is None else format_percent(ratio, f"#,##0{_decimals(digits)}%", locale=self.locale)

    def money(self, value: Number | None, currency: str = "BRL") -> str:
        """R$ 1.234,50."""
        return DASH if value is None else format_currency(value, currency, locale=self.locale)

    def compact_money(self, value: Number | None, currency: str = "BRL") -> str:
        """Short enough for a card: to the cent up to R$ 9.999,99, then R$ 12,3 mil."""
        if value is None or abs(float(value)) < 10_000:
            return self.money(value, currency)
        return format_compact_currency(value, currency, locale=self.locale, fraction_digits=1)

    def duration(self, seconds: Number | None) -> str:
        """The two largest units: 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
        if seconds is not None and 0 < seconds < 1:
            return "< 1 s"
        return DASH if seconds is None else _duration(round(seconds))

    def date(self, value: Date | None) -> str:
        """21/11/2026; a moment is shown as its day in the tenant's zone."""
        return DASH if value is None else format_date(self._here(value), DATE[self.locale], locale=self.locale)

    def day(self, value: Date | None) -> str:
        """21 de nov."""
        return DASH if value is None else format_skeleton("MMMd", self._here(value), locale=self.locale)

    def moment(self, value: datetime | None) -> str:
        """21/11/2026 14:05, in the tenant's zone."""
        return DASH if value is None else format_datetime(self._here(value), MOMENT[self.locale], locale=self.locale)

    def change(self, now: Number | None, before: Number | None) -> str | None:
        """+12,3% against the period before; None where there is nothing to compare with.

        From ten times as much on it is 106×: beside nearly nothing a share of thousands of per cent tells nobody anything.
        """
        if now is None or not before:
            return None
        if now >= before * MANY_TIMES:
            return f"{self.number(round(float(now) / float(before)))}{TIMES}"
        return f"{_signed((float(now) / float(before) - 1) * 100, 1, self.locale)}%"

    def points(self, now: Number | None, before: Number | None) -> str | None:
        """+2,1 p.p.: how far one ratio (0 to 1) is from another, in percentage points."""
        if now is None or before is None:
            return None
        return f"{_signed((float(now) - float(before)) * 100, 1, self.locale)} {POINTS[self.locale]}"

    def difference(self, now: Number | None, before: Number | None) -> str | None:
        """+0,12 against the period before."""
        return None if now is None or before is None else _signed(float(now) - float(before), 2, self.locale)

    def span(self, first: Date, last: Date) -> str:
        """9 – 15 de nov. de 2026: two days, both included; what they share, and one day alone, is written once."""
        text: str = format_interval(first, last, "yMMMd", locale=self.locale)
        return text.replace("\u2009", " ")  # thin spaces, which not every font has

    def time(self, value: datetime) -> str:
        """14:05, in the tenant's zone."""
        return format_datetime(self._here(value), "HH:mm", locale=self.locale)

    def _here(self, value: Date) -> Date:
        return value.astimezone(ZoneInfo(self.timezone)) if isinstance(value, datetime) else value


@lru_cache(10_000)
def phone(number: str | None) -> str:
    """+55 11 98765-4321, as the number's country groups its digits; what is no number stays as it is.

    Brazil's own: the library groups no mobile number that lacks its ninth digit, which many sources still write.
    """
    if brazilian := re.fullmatch(r"\+55(\d\d)(\d{4,5})(\d{4})", number or ""):
        return "+55 {} {}-{}".format(*brazilian.groups())
    try:
        parsed = phonenumbers.parse(number or "")
    except phonenumbers.NumberParseException:
        return number or ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def cut(text: str, most: int) -> str:
    """The beginning of a longer text, with the sign that it goes on."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def person(name: str | None, number: str | None, otherwise: str) -> str:
    """A contact's name if it has a letter or a digit (some are "-"), else the number, else `otherwise`."""
    return (phone(name) if name and any(map(str.isalnum, name)) else phone(number)) or otherwise


def called(name: str) -> str:
    """The name of an inbox or an agent in a list; many inboxes are named after their number."""
    return cut(phone(name), LONGEST_LISTED)


def listed(name: str | None, number: str | None, otherwise: str) -> str:
    """A contact's name in a list. Of a name of hundreds of letters only the beginning."""
    return cut(person(name, number, otherwise), LONGEST_LISTED)


def _signed(value: float, digits: int, locale: str) -> str:
    """With a plus or a minus; nothing to speak of is plainly zero, whichever side it came from."""
    rounded = round(value, digits) or 0.0
    pattern = "#,##0" + _decimals(digits)
    return format_decimal(rounded, f"+{pattern};-{pattern}" if rounded else pattern, locale=locale)


@lru_cache(maxsize=4096)
def _number(value: Number, digits: int, locale: str) -> str:
    return format_decimal(value, "#,##0" + _decimals(digits), locale=locale)


def _decimals(digits: int) -> str:
    return "." + "0" * digits if digits else ""


def _duration(seconds: int) -> str:
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    for (name, size), (smaller, smaller_size) in pairwise(units):
        if rest >= size:
            whole, remainder = divmod(rest, size)
            part = remainder // smaller_size
            return f"{sign}{whole} {name}" + (f" {part} {smaller}" if part else "")
    return f"{sign}{rest} s"
