"""Keeping a contact's opt-outs when the contact is erased, since an import may bring the same number back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from prosa.conversations import aliases, suppressions
from prosa.db import Conn, TenantId
from prosa.privacy.traces import Traces
from prosa.tenancy.features import get_feature


def keep_wishes(
    conn: Conn, tenant: TenantId, traces: Traces, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> int:  # fmt: skip
    """Keep the contact's opt-outs, and a consent that they took back, under their alias. Returns how many.

    The alias does not reveal the number, but a contact who comes back is recognised by it. Call this while the messages still
    have their text: a source keeps no list of opt-outs, so a contact's "stop" is found in their messages alone.
    """
    values = traces.parameters(tenant)
    if _said_no(conn, tenant, values):
        _opt_out(conn, {**values, "ours": suppressions.ANY_MIRRORED, "actor": actor, "now": now})
    opted_out, withdrawn = _what_holds(conn, values)
    values["withdrawn"] = withdrawn
    conn.execute(
        """delete from consents where tenant_id = %(tenant)s and contact_key = any(%(names)s)
             and id is distinct from %(withdrawn)s""",
        values,
    )
    if not opted_out and withdrawn is None:
        return 0
    values["alias"] = aliases.make(conn, tenant, traces.key, secret_keys)
    return _put_under_alias(conn, values)


def _opt_out(conn: Conn, values: Mapping[str, Any]) -> None:
    """Add an opt-out for a "stop" in mirrored messages, unless there is one."""
    conn.execute(
        """insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
           select %(tenant)s, %(ours)s, %(key)s, 'word', %(actor)s, %(now)s where not exists (
             select from suppressions where tenant_id = %(tenant)s and contact_key = any(%(names)s) and lifted_at is null)
           on conflict do nothing""",
        values,
    )


def _what_holds(conn: Conn, values: Mapping[str, Any]) -> tuple[bool, int | None]:
    """Whether there is an opt-out; and the newest statement about consent, if it was a no."""
    row = conn.execute(
        """select exists (select from suppressions
             where tenant_id = %(tenant)s and contact_key = any(%(names)s) and lifted_at is null),
             (select id from (select id, granted from consents where tenant_id = %(tenant)s and contact_key = any(%(names)s)
                              order by at desc, id desc limit 1) latest where not granted)""",
        values,
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def _put_under_alias(conn: Conn, values: Mapping[str, Any]) -> int:
    """Keep the opt-outs, and the consent that was withdrawn, under the alias. Returns how many."""
    conn.execute(
        "update consents set contact_key = %(alias)s, evidence = '…' where tenant_id = %(tenant)s and id = %(withdrawn)s",
        values,
    )
    conn.execute(
        """insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
           select tenant_id, our_key, %(alias)s, reason, actor, at from suppressions
           where tenant_id = %(tenant)s and contact_key = %(key)s and lifted_at is null
           on conflict (tenant_id, contact_key, our_key) do update set lifted_at = null, lifted_by = null""",
        values,
    )
    rows = conn.execute(
        "select from suppressions where tenant_id = %(tenant)s and contact_key = %(alias)s and lifted_at is null",
        values,
    ).rowcount
    return rows + (values["withdrawn"] is not None)


def _said_no(conn: Conn, tenant: TenantId, values: Mapping[str, Any]) -> bool:
    """Whether the contact's newest message that is a stop word or a start word was a stop word."""
    feature = get_feature(conn, tenant, "opt_out")
    words = suppressions.words_of(feature.config if feature else {})
    bodies = conn.execute(
        """select body from messages where tenant_id = %(tenant)s and conversation_id = any(%(conversations)s)
             and sender = 'contact' and not deleted and length(body) <= %(longest)s order by created_at desc, id desc""",
        {**values, "longest": suppressions.LONGEST_WORD},
    )
    said = (suppressions.wish(row[0], words) for row in bodies)
    return next((wish for wish in said if wish), None) is suppressions.Wish.OUT
