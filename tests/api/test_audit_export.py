"""The audit log as a file."""

import csv
import io
from collections.abc import Callable

import httpx
from tests.api.conftest import Person

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy import audit
from prosa.tenancy.model import UserRole

LogIn = Callable[[Person], httpx.Client]


def test_an_admin_downloads_the_own_log_and_no_cell_is_a_formula(
    log_in: LogIn, make_person: Callable[..., Person], make_tenant: Callable[..., TenantId], db: Database
) -> None:
    admin, other = make_person(role=UserRole.ADMIN), make_tenant()
    with db.operator() as conn:
        audit.record(conn, admin.tenant_id, "=cmd()", "user.mine")
        audit.record(conn, other, "test", "user.theirs")
    answer = log_in(admin).get("/exports/audit", params={"action": "user."})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["actor"] for row in rows if row["action"] == "user.mine"] == ["'=cmd()"]
    assert {row["action"] for row in rows} == {"user.mine", "user.create"}


def test_the_log_is_for_those_who_run_the_tenant_or_the_platform(
    log_in: LogIn, make_person: Callable[..., Person], person: Person
) -> None:
    assert log_in(person).get("/exports/audit").status_code == 403
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    answer = log_in(operator).get("/exports/audit", params={"action": "user."})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert f"user:{operator.id}" in {row["object"] for row in rows}
    assert f"user:{person.id}" not in {row["object"] for row in rows}
