"""Migrations: what is applied, when, and by whom."""

from prosa.db import Database
from prosa.db.migrate import files, migrate
from prosa.settings import Settings


def test_a_second_migrate_applies_nothing(settings: Settings, db: Database) -> None:
    assert migrate(settings) == []


def test_versions_are_consecutive() -> None:
    assert [int(f.name[:4]) for f in files()] == list(range(1, len(files()) + 1))


def test_the_owner_is_no_superuser(settings: Settings, db: Database) -> None:
    with db.operator() as conn:
        owners = conn.execute(
            """select distinct r.rolname, r.rolsuper, r.rolbypassrls
               from pg_class c join pg_roles r on r.oid = c.relowner where c.relnamespace = 'public'::regnamespace"""
        ).fetchall()
    assert owners == [("prosa_owner", False, False)]
