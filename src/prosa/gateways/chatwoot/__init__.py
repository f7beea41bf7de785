"""Chatwoot's PostgreSQL, read only."""
