"""The second factor: time-based codes (TOTP, RFC 6238) of an authenticator app, and recovery codes for when it is lost.

Setting one up and removing it needs a connection with the rights of an admin of the tenant, or of the operator for their own.
Asking for codes and checking them happens before a tenant is known, through the narrow functions of migration 0013.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Sequence

import pyotp

from prosa import crypto
from prosa.db import Conn
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit

ISSUER = "Prosa"
STEP_SECONDS = 30
DRIFT = 1  # steps that a clock may be ahead or behind (RFC 6238, 5.2)
RECOVERY_CODES = 10


def begin(conn: Conn, tenant: int, user: int, *, secret_keys: Sequence[str]) -> str:
    """Make a secret, which takes effect once `confirm` has seen a code of it. It replaces one that was never confirmed.

    Raises Invalid if a second factor is switched on already.
    """
    conn.execute(
        "delete from second_factors where tenant_id = %s and user_id = %s and confirmed_at is null", [tenant, user]
    )
    secret = pyotp.random_base32()
    added = conn.execute(
        """insert into second_factors (tenant_id, user_id, secret_encrypted) values (%s, %s, %s)
           on conflict (tenant_id, user_id) do nothing""",
        [tenant, user, crypto.encrypt(secret_keys, secret)],
    ).rowcount
    if not added:
        raise Invalid("The second factor is on already. Switch it off first.")
    return secret


def address(secret: str, email: str) -> str:
    """The otpauth address in the QR code, which authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm(conn: Conn, tenant: int, user: int, code: str, *, secret: str, actor: str) -> list[str]:
    """Switch it on, once a code has proven that the app knows the secret. Returns the recovery codes, shown only here.

    Raises Invalid if the code is wrong.
    """
    step = matching_step(secret, code)
    if step is None:
        raise Invalid("The code does not fit. Is the telephone's clock right?")
    confirmed = conn.execute(
        """update second_factors set confirmed_at = now(), last_step = %s
           where tenant_id = %s and user_id = %s and confirmed_at is null""",
        [step, tenant, user],
    ).rowcount
    if not confirmed:
        raise NotFound("There is no second factor to confirm.")
    audit.record(conn, tenant, actor, "user.second_factor_on", f"user:{user}")
    return renew_recovery_codes(conn, tenant, user, actor=actor)


def renew_recovery_codes(conn: Conn, tenant: int, user: int, *, actor: str) -> list[str]:
    """Replace the recovery codes with new ones. Each works once."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    conn.execute("delete from recovery_codes where tenant_id = %s and user_id = %s", [tenant, user])
    for code in codes:
        conn.execute(
            "insert into recovery_codes (tenant_id, user_id, code_hash) values (%s, %s, %s)",
            [tenant, user, crypto.token_hash(_normal(code))],
        )
    audit.record(conn, tenant, actor, "user.recovery_codes", f"user:{user}", after={"codes": len(codes)})
    return codes


def remove(conn: Conn, tenant: int, user: int, *, actor: str) -> bool:
    """Switch the second factor off and delete its recovery codes. False if there was none."""
    removed = conn.execute("delete from second_factors where tenant_id = %s and user_id = %s", [tenant, user]).rowcount
    if removed:
        audit.record(conn, tenant, actor, "user.second_factor_off", f"user:{user}")
    return removed > 0


def owners(conn: Conn, tenant: int) -> dict[int, int]:
    """The tenant's users who have one switched on, each with the number of recovery codes left."""
    rows = conn.execute(
        """select f.user_id, count(r.user_id) filter (where r.used_at is null) from second_factors f
           left join recovery_codes r on r.tenant_id = f.tenant_id and r.user_id = f.user_id
           where f.tenant_id = %s and f.confirmed_at is not null group by f.user_id""",
        [tenant],
    )
    return dict(rows.fetchall())


def is_on(conn: Conn, tenant: int, user: int) -> bool:
    """Whether the account asks for a code. `conn` is anonymous."""
    row = conn.execute("select confirmed from second_factor_find(%s, %s)", [tenant, user]).fetchone()
    return bool(row and row[0])


def take(conn: Conn, tenant: int, user: int, code: str, *, secret_keys: Sequence[str]) -> bool:
    """Use a present code or a recovery code. Returns whether it is right and was not used before. `conn` is anonymous."""
    row = conn.execute("select secret_encrypted from second_factor_find(%s, %s)", [tenant, user]).fetchone()
    if row is None:
        return False
    step = matching_step(crypto.decrypt(secret_keys, row[0]), code)
    if step is not None:
        taken = conn.execute("select second_factor_take(%s, %s, %s)", [tenant, user, step]).fetchone()
    else:
        hashed = crypto.token_hash(_normal(code))
        spent = [tenant, user, hashed, audit.address()]
        taken = conn.execute("select recovery_code_take(%s, %s, %s, %s)", spent).fetchone()
    return bool(taken and taken[0])


def matching_step(secret: str, code: str, *, now: float | None = None) -> int | None:
    """The number of the 30-second step that this code belongs to, if that is the present step or next to it."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return None
    current = int((time.time() if now is None else now) // STEP_SECONDS)
    totp = pyotp.TOTP(secret)
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _recovery_code() -> str:
    """80 random bits, for people to type: abcd-efgh-ijkl-mnop."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _normal(code: str) -> str:
    return code.strip().lower().replace("-", "").replace(" ", "")
