"""Passwords: every character counts, however many there are."""

import bcrypt
import pytest

from prosa.errors import Invalid
from prosa.tenancy.passwords import COST, NOBODY, hash_password, matches


def test_nine_characters_are_too_few() -> None:
    with pytest.raises(Invalid, match="at least 10"):
        hash_password("123456789")


def test_the_hash_is_bcrypt_of_cost_12() -> None:
    assert hash_password("1234567890").startswith(f"$2b${COST}$")
    assert COST == 12


def test_characters_beyond_bcrypts_72_bytes_count() -> None:
    long = "x" * 100
    stored = hash_password(long)
    assert matches(long, stored)
    assert not matches(long[:-1] + "y", stored)


def test_characters_after_nul_count() -> None:
    stored = hash_password("before\0after")
    assert not matches("before\0other", stored)


def test_one_password_typed_on_two_keyboards_is_one() -> None:
    assert matches("corac\u0327a\u0303o-1234", hash_password("cora\u00e7\u00e3o-1234"))


def test_nobodys_hash_takes_as_long_as_anybodys() -> None:
    assert NOBODY.startswith(f"$2b${COST}$") and len(NOBODY) == 60
    assert bcrypt.checkpw(b"x", NOBODY.encode()) is False
