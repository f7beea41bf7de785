"""Who does not want messages from us: per tenant, number of ours and contact. Every send asks here first.

A contact opts out by a word that is the whole message: "cancelar meu plano" is no opt-out. The English words are Twilio's
defaults (https://help.twilio.com/articles/223134027), the others are what Brazilians and their neighbours write. The tenant's
feature `opt_out` adds words and takes some away: `{"extra_words": ["chega"], "muted_words": ["cancelar"]}`. Companies whose
menus offer such a word mute it.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from prosa.conversations import aliases, window
from prosa.conversations.addresses import Address
from prosa.conversations.model import Pair
from prosa.db import Conn, TenantId, fetch_one

LONGEST_WORD = 40  # characters; a longer message cannot be one of the words, so it is not examined
ENGLISH = ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out")
PORTUGUESE = ("parar", "pare", "sair", "cancelar", "descadastrar")
SPANISH = ("baja", "salir", "detener")  # parar and cancelar are Spanish too; "alto" is a Portuguese answer
# Whole messages that can mean nothing else: a wish in plain words counts as much as a word of ours (LGPD, Art. 18, IX).
PHRASES = (
    "nao quero mais receber", "nao quero mais receber mensagem", "nao quero mais receber mensagens",
    "nao quero receber mensagens", "nao quero receber mais mensagens", "nao quero mais mensagens", "parar de receber",
    "pare de me mandar mensagem", "pare de me mandar mensagens", "pare de mandar mensagem", "pare de mandar mensagens",
    "sair da lista", "me tira da lista", "me tire da lista", "me descadastra", "me descadastre", "descadastre me",
    "darme de baja", "no quiero recibir mas mensajes", "no quiero mas mensajes",
    "no me escriban mas",
)  # fmt: skip
OUT = frozenset({*ENGLISH, *PORTUGUESE, *SPANISH, *PHRASES})
EVERY_NUMBER = Address("*", "*")  # in place of a number of ours: what a person decides may hold for all of them
BACK = frozenset({"start", "unstop", "voltar", "volver"})


class Reason(StrEnum):
    """Why a contact is not written to."""

    WORD = "word"  # the contact said so
    BLOCKED = "blocked"  # the contact blocked the number (Twilio's 63014)
    PERSON = "person"  # somebody at the company decided it
    IMPORT = "import"  # a list that was brought along


# In place of `our_key`: an erased contact had opted out in messages that a source mirrors, whichever of our numbers they went to.
# What they say later counts more.
ANY_MIRRORED = "mirrored"


class Wish(StrEnum):
    """What a message asks of us if it is one of the words."""

    OUT = "out"
    BACK = "back"


@dataclass(frozen=True)
class Suppression:
    """A contact whom one number of ours must not write to."""

    our_key: str
    contact_key: str
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Words:
    """The words by which a tenant's contacts leave and come back, as `plain` writes them."""

    out: frozenset[str] = OUT
    back: frozenset[str] = BACK


DEFAULT = Words()


def words_of(config: Mapping[str, Any]) -> Words:
    """The words of a tenant, from the configuration of its feature `opt_out`."""
    muted = _plain_words(config.get("muted_words"))
    return Words((OUT | _plain_words(config.get("extra_words"))) - muted, BACK - muted)


def wish(body: str | None, words: Words = DEFAULT) -> Wish | None:
    """What the contact asks for, if the message is one of the words and nothing else."""
    if body is None or len(body) > LONGEST_WORD:
        return None
    said = plain(body)
    return Wish.OUT if said in words.out else Wish.BACK if said in words.back else None


def plain(text: str) -> str:
    """The text without accents, capitals, punctuation and emoji, and with single spaces."""
    letters = (c if c.isalnum() else " " for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(letters).casefold().split())


def heed(
    conn: Conn, tenant: TenantId, pair: Pair, body: str | None, *, words: Words, secret_keys: Sequence[str], now: datetime
) -> Wish | None:  # fmt: skip
    """Opt the contact out or back in if their message asks for it. Belongs to the transaction that adds the message."""
    asked = wish(body, words)
    if asked is Wish.OUT:
        suppress(conn, tenant, pair, reason=Reason.WORD, actor="contact", now=now)
    elif asked is Wish.BACK:
        for ours in (pair.ours, EVERY_NUMBER):
            lift(conn, tenant, replace(pair, ours=ours), secret_keys=secret_keys, actor="contact", now=now)
    return asked


def suppress(conn: Conn, tenant: TenantId, pair: Pair, *, reason: Reason, actor: str, now: datetime) -> None:
    """Stop messages to this contact from this number, or from EVERY_NUMBER.

    A contact who is suppressed already keeps the first reason.
    """
    conn.execute(
        """insert into suppressions as s (tenant_id, our_key, contact_key, reason, actor, at)
           values (%s, %s, %s, %s, %s, %s)
           on conflict (tenant_id, contact_key, our_key) do update
           set reason = excluded.reason, actor = excluded.actor, at = excluded.at, lifted_at = null, lifted_by = null
           where s.lifted_at is not null""",
        [tenant, pair.ours.key, pair.contact.key, reason, actor, now],
    )


def lift(
    conn: Conn, tenant: TenantId, pair: Pair, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> bool:  # fmt: skip
    """Allow messages to the contact again, whatever the reason was, even if they were erased since.

    Returns whether they were suppressed.
    """
    return bool(
        conn.execute(
            """update suppressions set lifted_at = %s, lifted_by = %s
               where tenant_id = %s and contact_key = any(%s) and our_key = %s and lifted_at is null""",
            [now, actor, tenant, aliases.names(conn, tenant, pair.contact.key, secret_keys), pair.ours.key],
        ).rowcount
    )


def find(conn: Conn, tenant: TenantId, pair: Pair, *, secret_keys: Sequence[str]) -> Suppression | None:
    """Why this contact is not to be written to from this number; None where nothing forbids it.

    There may be several rows: for this number, for every number, and under the alias of a contact who was erased. The one
    that holds longest is returned. So a block comes last: it ends by itself.
    """
    sql = """select our_key, contact_key, reason, actor, at from suppressions
             where tenant_id = %s and contact_key = any(%s) and our_key in (%s, %s) and lifted_at is null
             order by reason = 'blocked', at desc limit 1"""
    names = aliases.names(conn, tenant, pair.contact.key, secret_keys)
    return fetch_one(conn, Suppression, sql, [tenant, names, pair.ours.key, EVERY_NUMBER.key])


def is_suppressed(conn: Conn, tenant: TenantId, pair: Pair, *, secret_keys: Sequence[str]) -> bool:
    """Whether this contact must not be written to from this number. A contact who writes after blocking it has unblocked it."""
    found = find(conn, tenant, pair, secret_keys=secret_keys)
    if found is None or found.reason != Reason.BLOCKED:
        return found is not None
    return window.last_inbound(conn, tenant, pair, since=found.at) is None


def _plain_words(value: object) -> frozenset[str]:
    """The words of a list as `plain` writes them. Mere emoji are left out: an empty word would match anything."""
    given = value if isinstance(value, list) else []
    return frozenset(plain(word) for word in given if isinstance(word, str)) - {""}
