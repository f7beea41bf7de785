"""Notes belong to their authors, and to one tenant."""

from datetime import UTC, datetime

import pytest
from tests.facts.builder import Conversation, save

from prosa.conversations import notes
from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.errors import Invalid, NotFound
from prosa.facts import listing
from prosa.facts.model import Filter, Period
from prosa.tenancy import audit

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BIA = "user:1", "user:2"


@pytest.fixture
def noted(db: Database, tenant: TenantId) -> int:
    """A conversation of two with a note of Ana's."""
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1, NOW), Conversation(2, NOW)])
        return notes.write(conn, tenant, 1, "  ligar amanhã\0 ", actor=ANA, author="Ana")


def test_a_note_is_counted_found_and_told_to_the_audit_log_without_its_text(
    db: Database, tenant: TenantId, noted: int
) -> None:
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        [note] = notes.of_conversation(conn, tenant, 1)
        assert notes.counts(conn, tenant, [1, 2]) == {1: 1}
        day = Period(NOW.date(), NOW.date().replace(day=3))
        assert listing.page(conn, tenant, period=day).total == 2
        assert listing.page(conn, tenant, period=day, where=Filter(marks=("noted",))).total == 1
    assert (note.id, note.body, note.author, note.edited_at) == (noted, "ligar amanhã", "Ana", None)
    with db.tenant(tenant) as conn:
        [entry] = [e for e in audit.list_entries(conn, tenant) if e.action == "note.write"]
    assert (entry.actor, entry.object, entry.after) == (ANA, "conversation:1", {"note": noted})


def test_only_its_author_changes_a_note(db: Database, tenant: TenantId, noted: int) -> None:
    with db.tenant(tenant) as conn:
        with pytest.raises(notes.NoSuchNote):
            notes.edit(conn, tenant, noted, "outra coisa", actor=BIA, now=NOW)
        with pytest.raises(notes.NoSuchNote):
            notes.delete(conn, tenant, noted, actor=BIA)
        notes.edit(conn, tenant, noted, "ligar hoje", actor=ANA, now=NOW)
        assert [(n.body, n.edited_at) for n in notes.of_conversation(conn, tenant, 1)] == [("ligar hoje", NOW)]
        notes.delete(conn, tenant, noted, actor=ANA)
        assert notes.of_conversation(conn, tenant, 1) == []


@pytest.mark.parametrize("body", ["", "  \n ", "\0", "x" * 4001])
def test_a_note_says_something_and_not_too_much(db: Database, tenant: TenantId, noted: int, body: str) -> None:
    with db.tenant(tenant) as conn, pytest.raises(Invalid):
        notes.write(conn, tenant, 1, body, actor=ANA, author="Ana")


def test_no_note_on_what_is_not_there(db: Database, tenant: TenantId, noted: int) -> None:
    with db.tenant(tenant) as conn, pytest.raises(NotFound):
        notes.write(conn, tenant, 3, "x", actor=ANA, author="Ana")
