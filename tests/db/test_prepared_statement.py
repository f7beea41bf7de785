"""One statement in one round trip, prepared where it was not, on whatever connection it lands."""

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.prepared_statement import Prepared, once

SQL = Prepared(
    "test_prepared", "select %(word)s::text, %(number)s::int + 1, tenant_id from features where tenant_id = %(me)s"
)
CHANGE = Prepared("test_change", "insert into features (tenant_id, name) values (%(me)s, %(word)s) returning name")


@pytest.fixture
def feature(db: Database, tenant: TenantId) -> TenantId:
    assert once(db, tenant, CHANGE, {"me": tenant, "word": "one"}) == [("one",)]
    return tenant


def test_a_statement_is_prepared_when_needed_and_sees_its_tenant_only(
    db: Database, feature: TenantId, make_tenant
) -> None:
    for _ in range(3):
        assert once(db, feature, SQL, {"word": "it's %s $1", "number": 1, "me": feature}) == [
            ("it's %s $1", 2, feature)
        ]
    assert once(db, make_tenant(), SQL, {"word": "", "number": 1, "me": feature}) == [], (
        "the wall holds in a cached plan"
    )


def test_a_connection_that_lost_the_statement_is_told_again(db: Database, feature: TenantId) -> None:
    values = {"word": "a", "number": 1, "me": feature}
    for _ in range(2):
        assert once(db, feature, SQL, values) == [("a", 2, feature)]
        with db.app.connection() as conn:
            conn.execute("deallocate all")


def test_a_failure_leaves_nothing_behind(db: Database, feature: TenantId) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        once(db, feature, CHANGE, {"me": feature, "word": "one"})
    assert once(db, feature, CHANGE, {"me": feature, "word": "two"}) == [("two",)]
