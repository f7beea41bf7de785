"""How many requests an API key makes in a minute."""

from dataclasses import dataclass

from prosa.db import Conn
from prosa.tenancy.model import ApiKeyHolder

REQUESTS_PER_MINUTE = 600


@dataclass(frozen=True)
class Usage:
    """Requests of the current minute, this one included, and the seconds until the next minute begins."""

    requests: int
    resets_in: int

    @property
    def remaining(self) -> int:
        """Requests that are left in this minute."""
        return max(0, REQUESTS_PER_MINUTE - self.requests)

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return self.requests > REQUESTS_PER_MINUTE


def count(conn: Conn, holder: ApiKeyHolder) -> Usage:
    """Count one request of this key. Needs a transaction of its own: a request that fails counts as well.

    The count is not worth waiting for the disk: a crash may forget the last ones.
    """
    conn.execute("set local synchronous_commit = off")
    row = conn.execute(
        """insert into api_usage as u (tenant_id, key_id, minute, requests)
           values (%(tenant)s, %(key)s, date_trunc('minute', now()), 1)
           on conflict (tenant_id, key_id) do update set minute = excluded.minute,
             requests = case when u.minute = excluded.minute then u.requests + 1 else 1 end
           returning requests, ceil(extract(epoch from minute + interval '1 minute' - now()))::int""",
        {"tenant": holder.tenant_id, "key": holder.key_id},
    ).fetchone()
    assert row is not None
    return Usage(row[0], max(1, row[1]))
