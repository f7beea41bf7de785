"""What remarketing's tests do, for drafts on their way out."""

from tests.remarketing.conftest import company

__all__ = ["company"]
