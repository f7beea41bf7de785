"""Addresses of WhatsApp and SMS: telephone numbers (E.164), business-scoped user ids, and the names of services.

Every address has a key, the form in which two spellings of one address are equal. An address is sent to as it was
given, and matched by its key.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from prosa.errors import Invalid

LONGEST = 160  # characters of an address as it may be given; a business-scoped id has up to 131
WHATSAPP = "whatsapp:"
BRAZIL, AREA_AND_NUMBER = 55, 10  # its country code; digits of an area code and the shortest number in it
BUSINESS_SCOPED_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
# An SMS may also come from a short code (3 to 8 digits) or a name, neither of which is E.164: banks, shops and carriers use them.
# https://help.twilio.com/articles/223181348 has the characters and the length of names.
SERVICE = re.compile(r"\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}", re.ASCII)

# Brazil put a 9 before mobile numbers, region by region, from 2012 to 2016; WhatsApp knows many accounts without it.
# The eight digits of a mobile number begin with 6 to 9, those of a landline with 2 to 5 (Anatel, Resolução 553/2010).
BRAZILIAN_MOBILE = re.compile(r"\+55([1-9]{2})(9?)([6-9]\d{7})")

# As one dials to Brazil from most countries. phonenumbers reads it as dialled within Brazil, where a carrier's number follows the
# 00: it takes 55 for the carrier, and what comes next for the country. But nobody writes numbers down in that form.
FROM_ABROAD = re.compile(r"^00\s*55(?=[\s().-]*[1-9]{2})")


class BadAddress(Invalid):
    """Neither a telephone number nor a business-scoped user id."""


@dataclass(frozen=True)
class Address:
    """`text` is the address as the provider knows it, without the channel's prefix; `key` is for matching."""

    text: str
    key: str

    @property
    def phone(self) -> str | None:
        """The number, or None for a business-scoped id (docs/domain.md: a contact's phone can be unknown)."""
        return self.text if self.text.startswith("+") else None

    @property
    def is_service(self) -> bool:
        """Whether a program writes from here: nobody reads what it is answered."""
        return SERVICE.fullmatch(self.text) is not None


@lru_cache(maxsize=10_000)  # the same contacts write again
def parse(given: str) -> Address:
    """The address in `given`: E.164, a Brazilian number in any usual spelling, or a business-scoped id.

    A `whatsapp:` prefix is allowed. Raises BadAddress, which does not repeat what was given: it may be personal.
    """
    bare = given[: LONGEST + 1].strip().removeprefix(WHATSAPP)
    if len(given) > LONGEST:
        raise BadAddress("An address is too long.")
    if BUSINESS_SCOPED_ID.fullmatch(bare):
        return Address(bare, bare)
    try:
        number = phonenumbers.parse(FROM_ABROAD.sub("+55", bare), "BR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number) or _lacks_area_code(number):
        raise BadAddress("An address must be a telephone number such as +5511987654321, or a WhatsApp user id.")
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Address(text, matching_key(text))


def of_sender(given: str) -> Address:
    """As `parse`; a short code or a service's name, from which an SMS may come, is kept as it is. Raises BadAddress."""
    try:
        return parse(given)
    except BadAddress:
        if SERVICE.fullmatch(given.strip()) is None:
            raise
        return Address(given.strip(), given.strip())


def _lacks_area_code(number: phonenumbers.PhoneNumber) -> bool:
    """Whether it is a Brazilian number as neighbours dial it. One that has no area code at all (4004…, 0800…) is valid."""
    national = str(number.national_number)
    return (
        number.country_code == BRAZIL and len(national) < AREA_AND_NUMBER and not phonenumbers.is_valid_number(number)
    )


def is_whatsapp(given: str) -> bool:
    """Whether the address itself says that it belongs to WhatsApp."""
    return given.strip().startswith(WHATSAPP)


def matching_key(e164: str) -> str:
    """The number with the ninth digit where it is a Brazilian mobile; every other number as it is."""
    match = BRAZILIAN_MOBILE.fullmatch(e164)
    return f"+55{match[1]}9{match[3]}" if match else e164


def spellings(key: str) -> list[str]:
    """Every form in which the address of this key may have been written down; the key itself first."""
    match = BRAZILIAN_MOBILE.fullmatch(key)
    return [key, f"+55{match[1]}{match[3]}"] if match else [key]
