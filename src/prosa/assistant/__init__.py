"""Puts a tenant's AI features to work on each message of a contact; `ai_results` keeps what comes of it (docs/assistant.md)."""
