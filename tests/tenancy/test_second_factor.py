"""The second factor: asked for once it was proven, each code taken once, with the brake."""

import time
from collections.abc import Callable

import pyotp
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, Unauthenticated
from prosa.tenancy import audit, second_factor, sessions
from prosa.tenancy.model import LoggedIn, SecondFactorNeeded, TooManyTries, User
from prosa.tenancy.second_factor import STEP_SECONDS, matching_step

KEYS = ["a-key"]
MakeUser = Callable[..., User]
LogIn = Callable[..., LoggedIn]


@pytest.fixture
def guarded(db: Database, tenant: TenantId, make_user: MakeUser) -> tuple[User, pyotp.TOTP, list[str]]:
    """A user with a second factor, its codes, and the recovery codes. The code of this moment is taken already."""
    user = make_user(tenant)
    with db.tenant(tenant) as conn:
        secret = second_factor.begin(conn, tenant, user.id, secret_keys=KEYS)
        totp = pyotp.TOTP(secret)
        earlier = totp.at(time.time() - STEP_SECONDS)
        codes = second_factor.confirm(conn, tenant, user.id, earlier, secret=secret, actor="test")
    return user, totp, codes


@pytest.fixture
def enter(db: Database, password: str) -> Callable[..., LoggedIn]:
    """A function that logs in with a code."""

    def run(user: User, code: str) -> LoggedIn:
        return sessions.log_in(
            db, user.email, password, address="192.0.2.9", user_agent="test", code=code, secret_keys=KEYS
        )

    return run


def test_nothing_is_asked_for_before_the_app_has_shown_a_code(
    db: Database, tenant: TenantId, make_user: MakeUser, log_in: LogIn
) -> None:
    user = make_user(tenant)
    with db.tenant(tenant) as conn:
        secret = second_factor.begin(conn, tenant, user.id, secret_keys=KEYS)
        with pytest.raises(Invalid):
            second_factor.confirm(conn, tenant, user.id, "000000x", secret=secret, actor="test")
    assert log_in(user.email)


def test_the_password_alone_does_not_let_in(guarded, log_in: LogIn, enter) -> None:
    user, totp, _ = guarded
    with pytest.raises(SecondFactorNeeded) as needed:
        log_in(user.email)
    assert not needed.value.wrong
    with pytest.raises(Unauthenticated):
        log_in(user.email, "a wrong password")
    assert enter(user, totp.now())


def test_a_code_is_taken_once(guarded, enter) -> None:
    user, totp, _ = guarded
    code = totp.now()
    assert enter(user, f"{code[:3]} {code[3:]}")
    with pytest.raises(SecondFactorNeeded) as refused:
        enter(user, code)
    assert refused.value.wrong


def test_a_recovery_code_lets_in_once(db: Database, tenant: TenantId, guarded, enter) -> None:
    user, _, codes = guarded
    audit.come_from("192.0.2.7")
    assert enter(user, codes[0].upper())
    audit.come_from(None)
    with pytest.raises(SecondFactorNeeded):
        enter(user, codes[0])
    with db.tenant(tenant) as conn:
        assert second_factor.owners(conn, tenant) == {user.id: len(codes) - 1}
        (used,) = audit.list_entries(conn, tenant, where=audit.AuditFilter(action="user.use_recovery_code"))
        assert (used.actor, used.address) == (f"user:{user.id}", "192.0.2.7")


def test_wrong_codes_meet_the_brake(guarded, enter) -> None:
    user, totp, _ = guarded
    for _ in range(5):
        with pytest.raises(SecondFactorNeeded):
            enter(user, "000000" if totp.now() != "000000" else "111111")
    with pytest.raises(TooManyTries):
        enter(user, totp.now())


def test_removed_it_is_not_asked_for(db: Database, tenant: TenantId, guarded, log_in: LogIn) -> None:
    user, _, _ = guarded
    with db.tenant(tenant) as conn:
        assert second_factor.remove(conn, tenant, user.id, actor="test")
        assert not second_factor.remove(conn, tenant, user.id, actor="test")
    assert log_in(user.email)


def test_codes_of_a_clock_half_a_minute_off_fit_and_others_do_not() -> None:
    secret, now = pyotp.random_base32(), 1_700_000_000.0
    totp, step = pyotp.TOTP(secret), int(now // STEP_SECONDS)
    found = [matching_step(secret, totp.at(now + i * STEP_SECONDS), now=now) for i in (-2, -1, 0, 1, 2)]
    assert found == [None, step - 1, step, step + 1, None]
    assert matching_step(secret, "١٢٣٤٥٦", now=now) is None
