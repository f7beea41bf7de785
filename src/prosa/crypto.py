"""Secrets: encryption at rest, and the hashes by which tokens are found."""

import base64
import hmac
import secrets
import uuid
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from prosa.errors import Invalid

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def derive(secret_key: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose, so that no two uses of SECRET_KEY share a key."""
    return hmac.digest(secret_key.encode(), purpose.encode(), "sha256")


def encrypt(secret_keys: Sequence[str], plain: str) -> bytes:
    """The text encrypted with the newest key (Fernet)."""
    return _fernet(secret_keys).encrypt(plain.encode())


def decrypt(secret_keys: Sequence[str], token: bytes) -> str:
    """The plain text. Raises Invalid if none of the keys fits."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  (slow to import; most commands decrypt nothing)

    try:
        return _fernet(secret_keys).decrypt(token).decode()
    except InvalidToken:
        raise Invalid(
            "A stored secret does not open with SECRET_KEY. Was the key changed without keeping the old one?"
        ) from None


def reencrypt(secret_keys: Sequence[str], token: bytes) -> bytes | None:
    """The same secret under the newest key; None if it is under that already. Raises Invalid if none of the keys fits."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415

    try:
        _fernet(secret_keys[:1]).decrypt(token)
    except InvalidToken:
        return encrypt(secret_keys, decrypt(secret_keys, token))
    return None


def fingerprint(secret_key: str, purpose: str, text: str) -> bytes:
    """A keyed hash: equal texts have equal ones, and nobody can tell the text from it."""
    return hmac.digest(derive(secret_key, purpose), text.encode(), "sha256")


def _fernet(secret_keys: Sequence[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(key, "fernet"))) for key in secret_keys])


def new_token() -> str:
    """A random UUID: 122 bits, handed out once."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def token_hash(token: str) -> bytes:
    """The hash that is stored of a token. Tokens are random, so a fast hash is enough."""
    return sha256(token.encode()).digest()
