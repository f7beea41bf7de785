"""Outgoing webhooks: what happens to a tenant's conversations, told to addresses of its own (docs/webhooks.md).

A verb that makes something happen calls `emit` in its own transaction; a job delivers.
"""

from prosa.tenancy.webhooks.emitting import emit
from prosa.tenancy.webhooks.model import EventType

__all__ = ["EventType", "emit"]
