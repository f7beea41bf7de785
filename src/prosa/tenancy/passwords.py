"""Passwords: the rule, and bcrypt."""

import unicodedata
from base64 import b64encode
from hashlib import sha256

import bcrypt

from prosa.errors import Invalid

MIN_LENGTH = 10
COST = 12

# The hash of a password that nobody knows. It is checked if there is no account, so that the time taken tells nothing.
NOBODY = "$2b$12$1CiR3E6IcIDpTybOGVZ1Dub5SgM1bacNn1itfiz04P8g1.e0e1H4a"


def check_password(password: str) -> None:
    """Raise Invalid if the password breaks the rule: at least 10 characters."""
    if len(password) < MIN_LENGTH:
        raise Invalid(f"A password needs at least {MIN_LENGTH} characters; this one has {len(password)}.")


def hash_password(password: str) -> str:
    """The bcrypt hash, cost 12. Raises Invalid if the password breaks the rule."""
    check_password(password)
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(COST)).decode()


def matches(password: str, password_hash: str) -> bool:
    """Whether the password is the one that was hashed. Takes a quarter of a second, as it should."""
    return bcrypt.checkpw(_digest(password), password_hash.encode())


def _digest(password: str) -> bytes:
    """What bcrypt gets: 44 bytes, without NUL.

    bcrypt reads at most 72 bytes and stops at NUL, so only a part of a long password would count; of its SHA-256 all counts.
    Unicode is normalized first: one keyboard types "ç" as one character, another as two (NIST SP 800-63B).
    """
    return b64encode(sha256(unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")).digest())
