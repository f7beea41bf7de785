"""The event that tenants' webhook endpoints get when a conversion is recorded."""

from datetime import datetime, timedelta
from decimal import Decimal

from prosa.db import Conn, TenantId
from prosa.tenancy.webhooks import EventType, emit

NEWS_FOR = timedelta(days=7)  # older conversions, from an old list or a new label rule, send no event


def conversion(
    conn: Conn, tenant: TenantId, conversation_id: int, *, outcome_id: int, at: datetime, origin: str, actor: str,
    amount: Decimal | None = None, currency: str | None = None, reference: str | None = None,
) -> None:  # fmt: skip
    """Send the event of one conversion. `amount` is text, since JSON numbers are floats and lose cents."""
    data = {
        "id": outcome_id, "conv_id": conversation_id, "at": at.isoformat(), "origin": origin, "by": actor,
        "amount": None if amount is None else str(amount), "currency": currency, "reference": reference,
    }  # fmt: skip
    emit(conn, tenant, EventType.CONVERSION_RECORDED, data, conversation_id=conversation_id)
