"""The three companies of the demo, as a user of the generator sees them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """One row of Chatwoot's `accounts`, and what its tenant in Prosa needs to be told."""

    account_id: int
    slug: str
    name: str
    timezone: str
    segment: str
    bot_user_ids: tuple[int, ...]
    """Rows of `users` that are machines posting through a user's token: Chatwoot shows them as people."""


GYM = Account(1, "corpo-e-vida", "Academia Corpo & Vida", "America/Sao_Paulo", "gym", (5,))
CLINIC = Account(2, "sorriso-real", "Clínica Sorriso Real", "America/Manaus", "clinic", ())
SHOP = Account(3, "casa-aurora", "Loja Casa Aurora", "America/Fortaleza", "shop", (13,))

ACCOUNTS = (GYM, CLINIC, SHOP)
