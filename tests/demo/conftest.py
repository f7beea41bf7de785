"""Until the project's own fixture stands: empty databases on a server named by PROSA_TEST_SERVER."""

import os
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

SERVER = os.environ.get("PROSA_TEST_SERVER", "host=127.0.0.1 port=55432 user=demo")


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"demo_{uuid4().hex[:12]}"
    with psycopg.connect(f"{SERVER} dbname=postgres", autocommit=True) as admin:
        admin.execute(f"create database {name} encoding 'UTF8' template template0".encode())
        yield f"{SERVER} dbname={name}"
        admin.execute(f"drop database {name} with (force)".encode())
