"""Every task and schedule. They are thin: a task opens its transactions and calls the service that does the work.

Each module holds the tasks of one subject. The queue imports this package to get to know them all.
"""

from prosa.jobs import (
    analysis,
    assistant,
    conversations,
    etl,
    facts,
    maintenance,
    remarketing,
    reports,
    sending,
    tenants,
    twilio,
    webhooks,
)
from prosa.jobs.worker import run_worker

__all__ = [
    "analysis",
    "assistant",
    "conversations",
    "etl",
    "facts",
    "maintenance",
    "remarketing",
    "reports",
    "run_worker",
    "sending",
    "tenants",
    "twilio",
    "webhooks",
]
