"""A made-up Chatwoot database: three Brazilian companies, ninety days of conversations, always the same rows.

It shows Prosa to newcomers without anybody's real data. On purpose it holds whatever troubles a reader of Chatwoot's tables:
bots behind user accounts, JSON encoded twice, merged contacts, ninth digits, deletions.
"""

from prosa.demo.accounts import ACCOUNTS, Account
from prosa.demo.generator import Summary, create_schema, fill

__all__ = ["ACCOUNTS", "Account", "Summary", "create_schema", "fill"]
