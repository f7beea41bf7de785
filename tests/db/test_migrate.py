"""Migrations: what is applied, when, and by whom."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prosa.db import Database
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import _create_embedded_database, files, migrate
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


def test_commands_that_begin_at_once_in_a_fresh_home_make_one_database(open_folder: Path) -> None:
    settings = Settings(prosa_home=open_folder / uuid.uuid4().hex, secret_key="key")
    with EmbeddedServer(settings.prosa_home).running(), ThreadPoolExecutor(6) as pool:
        for made in [pool.submit(_create_embedded_database, settings) for _ in range(6)]:
            made.result()
