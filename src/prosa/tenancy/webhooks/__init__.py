"""Outgoing webhooks, which tell a tenant's own systems what happens to its conversations (docs/webhooks.md).

A verb that makes something happen calls `emit` in its own transaction, and a job delivers the event.
"""

from prosa.tenancy.webhooks.emitting import emit
from prosa.tenancy.webhooks.model import EventType

__all__ = ["EventType", "emit"]
