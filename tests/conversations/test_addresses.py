"""Addresses: two spellings of one are equal, two different ones never."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosa.conversations.addresses import BadAddress, matching_key, of_sender, parse, spellings

AREA = st.builds("{}{}".format, st.integers(1, 9), st.integers(1, 9))
MOBILE = st.builds("{}{:07d}".format, st.integers(6, 9), st.integers(0, 9_999_999))
LANDLINE = st.builds("{}{:07d}".format, st.integers(2, 5), st.integers(0, 9_999_999))


@given(AREA, MOBILE)
def test_a_brazilian_mobile_is_one_address_with_and_without_the_ninth_digit(area: str, number: str) -> None:
    short, long = parse(f"+55{area}{number}"), parse(f"+55{area}9{number}")
    assert short.key == long.key == long.text
    assert short.text == f"+55{area}{number}"  # sent to as it was given
    assert spellings(short.key) == [long.text, short.text]


@given(AREA, LANDLINE)
def test_a_landline_is_never_changed(area: str, number: str) -> None:
    address = parse(f"+55{area}{number}")
    assert address.text == address.key == f"+55{area}{number}"
    assert spellings(address.key) == [address.text]


@given(st.integers(1_000_000, 10**14).map(lambda n: f"+{n}").filter(lambda n: not n.startswith("+55")))
def test_numbers_of_other_countries_are_never_changed(number: str) -> None:
    assert matching_key(number) == number
    assert spellings(number) == [number]


@given(AREA, MOBILE, AREA, MOBILE)
def test_different_mobiles_have_different_keys(area: str, number: str, area2: str, number2: str) -> None:
    same = parse(f"+55{area}{number}").key == parse(f"+55{area2}9{number2}").key
    assert same == ((area, number) == (area2, number2))


@pytest.mark.parametrize(
    ("given_text", "text"),
    [
        ("+5511987654321", "+5511987654321"),
        (" whatsapp:+5511987654321 ", "+5511987654321"),
        ("(11) 98765-4321", "+5511987654321"),
        ("5511987654321", "+5511987654321"),
        ("0055 (11) 98765-4321", "+5511987654321"),
        ("+551120005511", "+551120005511"),
        ("4004-1234", "+5540041234"),
        ("0800 123 4567", "+558001234567"),
        ("+1 415 523 8886", "+14155238886"),
        ("whatsapp:BR.13491208655302741918", "BR.13491208655302741918"),
    ],
)
def test_usual_spellings_are_understood(given_text: str, text: str) -> None:
    assert parse(given_text).text == text


def test_a_business_scoped_id_is_no_phone_number() -> None:
    assert parse("BR.13491208655302741918").phone is None
    assert parse("+5511987654321").phone == "+5511987654321"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "whatsapp:",
        "abc",
        "+",
        "+55",
        "12",
        "+5511987654321 ext. 5",
        "br.123",
        "\x00",
        "+" * 500,
        "98765-4321",
        "3876-5432",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(bad: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        parse(bad)
    assert len(bad) < 5 or bad not in str(refusal.value)


@pytest.mark.parametrize("service", ["12345", " 27182 ", "190", "Banco Sul", "TIM-BRASIL"])
def test_a_short_code_or_a_services_name_is_a_sender_as_it_is_and_no_number(service: str) -> None:
    address = of_sender(service)
    assert (address.text, address.key, address.phone, address.is_service) == (
        service.strip(),
        service.strip(),
        None,
        True,
    )


def test_a_sender_is_a_number_first_and_garbage_is_none() -> None:
    for usual in ("+5511987654321", "whatsapp:BR.13491208655302741918"):
        assert of_sender(usual) == parse(usual)
        assert not parse(usual).is_service
    for bad in ("", "12", "123456789", "a name too long", "ação", "whatsapp:12345", "12\n45", "١٢٣٤٥", "+-&"):
        with pytest.raises(BadAddress):
            of_sender(bad)


@given(st.text(max_size=200))
def test_any_text_gives_an_address_or_a_refusal(text: str) -> None:
    try:
        address = parse(text)
    except BadAddress:
        return
    assert re.fullmatch(r"\+\d{2,15}|[A-Z]{2}\.[A-Za-z0-9]{1,128}", address.text, re.ASCII)
    assert parse(address.text) == address
    assert parse(address.key).key == address.key
