"""Guessing passwords: how often one may, and what the clock and the brake tell a stranger."""

import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Unauthenticated
from prosa.tenancy.model import TooManyTries, User
from prosa.tenancy.passwords import COST

MakeUser = Callable[..., User]


def test_the_sixth_try_of_an_account_must_wait_from_any_address(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            log_in(user.email, "wrong password")
    with pytest.raises(TooManyTries) as brake:
        log_in(user.email)
    assert 14 * 60 < brake.value.wait_seconds <= 15 * 60


def test_an_unknown_account_is_braked_alike(log_in) -> None:
    """Else the brake would tell which accounts exist."""
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            log_in("nobody-here@example.com")
    with pytest.raises(TooManyTries):
        log_in("NOBODY-HERE@example.com")


def test_parallel_tries_gain_nothing(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant, cost=COST)  # while bcrypt works the others come in

    def attempt(_: int) -> type[Exception]:
        with pytest.raises((Unauthenticated, TooManyTries)) as refused:
            log_in(user.email, "wrong password")
        return refused.type

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(8)))
    assert answers.count(Unauthenticated) == 5
    assert answers.count(TooManyTries) == 3


def test_an_address_is_braked_over_all_accounts(db: Database, server: EmbeddedServer, log_in) -> None:
    """The 49 failures before are written directly: bcrypt would take its time over each."""
    network = ip_address(f"2001:db8:{uuid.uuid4().hex[:4]}:1::")
    with psycopg.connect(server.dsn("prosa")) as conn:
        for i in range(49):
            conn.execute("insert into login_failures (email, address) values (%s, %s)", [f"{i}@x.com", f"{network}/64"])
    with pytest.raises(Unauthenticated):
        log_in("somebody@example.com", address=str(network + 1))
    with pytest.raises(TooManyTries):
        log_in("somebody-else@example.com", address=str(network + 2))


def test_the_brake_lets_go_after_fifteen_minutes(
    server: EmbeddedServer, tenant: TenantId, make_user: MakeUser, log_in
) -> None:
    user = make_user(tenant)
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute(
            """insert into login_failures (email, address, at)
               select %s, 'x', now() - interval '15 minutes' + make_interval(secs => n) from generate_series(0, 4) n""",
            [user.email],
        )
    assert log_in(user.email)


def test_an_account_elsewhere_does_not_lift_the_brake(make_tenant, make_user: MakeUser, log_in) -> None:
    """A tenant's administrator can make an account of anybody's e-mail, whose password he knows."""
    victim = make_user(make_tenant())
    make_user(make_tenant(), email=victim.email, password="known to the attacker")
    for _ in range(4):
        with pytest.raises(Unauthenticated):
            log_in(victim.email, "a guess at it")
    assert log_in(victim.email, "known to the attacker")
    with pytest.raises(Unauthenticated):
        log_in(victim.email, "a guess at it")
    with pytest.raises(TooManyTries):
        log_in(victim.email, "a guess at it")


def test_a_successful_log_in_is_no_failure(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    for _ in range(6):
        assert log_in(user.email)


def test_the_clock_does_not_tell_whether_an_account_exists(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant, cost=COST)

    def seconds(email: str) -> float:
        began = time.thread_time()  # of this process: bcrypt is what could tell
        with pytest.raises(Unauthenticated):
            log_in(email, "wrong password")
        return time.thread_time() - began

    log_in(user.email)
    known = statistics.median(seconds(user.email) for _ in range(3))
    unknown = statistics.median(seconds("unknown-account@example.com") for _ in range(3))
    assert known == pytest.approx(unknown, rel=0.25)
