"""Numbers and dates as Brazilians write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prosa.dashboards.format import Format, listed, person, phone

PT = Format("pt_BR", "America/Sao_Paulo")


def plain(text: str | None) -> str | None:
    """Babel separates with no-break spaces."""
    return text and text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.05, "< 1 s"), (45.4, "45 s"), (59.6, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (7525, "2 h 5 min"),
     (273_600, "3 d 4 h"), (None, "–"), (-90, "-1 min 30 s")],
)  # fmt: skip
def test_a_duration_shows_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert PT.duration(seconds) == text


def test_numbers_follow_the_locale() -> None:
    assert PT.number(1234567) == "1.234.567"
    assert PT.number(4.625, 2) == "4,62"
    assert PT.percent(0.2345) == "23,4%"
    assert plain(PT.money(Decimal("1234.5"))) == "R$ 1.234,50"
    assert Format("en", "UTC").number(1234567) == "1,234,567"


def test_cards_get_short_numbers() -> None:
    assert PT.compact(9_999) == "9.999"
    assert plain(PT.compact(12_345)) == "12,3 mil"
    assert plain(PT.compact_money(1_234_567)) == "R$ 1,2 mi"


def test_a_moment_is_shown_in_the_tenants_zone() -> None:
    late = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert PT.moment(late) == "21/11/2026 22:30"
    assert PT.date(late) == "21/11/2026"
    assert Format("pt_BR", "UTC").date(late) == "22/11/2026"
    assert PT.date(date(2026, 11, 22)) == "22/11/2026"
    assert Format("en", "UTC").date(late) == "Nov 22, 2026"
    assert PT.span(date(2026, 11, 9), date(2026, 11, 15)) == "9 – 15 de nov. de 2026"
    assert PT.span(date(2026, 11, 9), date(2026, 11, 9)) == "9 de nov. de 2026"


def test_a_change_needs_something_to_compare_with() -> None:
    assert PT.change(112, 100) == "+12,0%"
    assert PT.change(88, 100) == "-12,0%"
    assert (PT.change(9.99, 1), PT.change(10, 1), PT.change(107, 1)) == ("+899,0%", "10×", "107×"), "of nearly nothing"
    assert PT.change(5, 0) is None
    assert PT.change(None, 10) is None


def test_what_is_unknown_is_a_dash() -> None:
    assert PT.number(None) == PT.money(None) == PT.percent(None) == PT.moment(None) == "–"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+5511987654321", "+55 11 98765-4321"), ("+551187654321", "+55 11 8765-4321"), ("+14155552671", "+1 415-555-2671"),
        ("whatsapp user", "whatsapp user"), (None, ""),
    ],
)  # fmt: skip
def test_a_number_is_grouped_as_its_country_does(number: str | None, written: str) -> None:
    assert phone(number) == written


@pytest.mark.parametrize(
    ("name", "number", "called"),
    [("Ana", None, "Ana"), ("-", "+5511987654321", "+55 11 98765-4321"), ("+5511987654321", None, "+55 11 98765-4321"),
     (None, None, "?"), ("~", "", "?")],
)  # fmt: skip
def test_a_contact_is_called_by_name_else_by_number(name: str | None, number: str | None, called: str) -> None:
    assert person(name, number, "?") == called


def test_a_list_shows_the_beginning_of_a_name_of_hundreds_of_letters() -> None:
    assert listed("Ana Souza", None, "?") == "Ana Souza"
    assert listed("a" * 200, None, "?") == "a" * 59 + "…"
