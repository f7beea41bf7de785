"""A made-up Chatwoot database: three Brazilian companies, ninety days of conversations, always the same rows.

It shows Prosa to newcomers without anybody's real data, and it holds on purpose whatever hurts a reader of
Chatwoot's tables: bots behind user accounts, double-encoded JSON, merged contacts, ninth digits, deleted messages.
"""

from prosa.demo.accounts import ACCOUNTS, Account
from prosa.demo.generator import Summary, create_schema, fill

__all__ = ["ACCOUNTS", "Account", "Summary", "create_schema", "fill"]
