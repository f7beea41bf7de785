"""What a tenant's AI features make of each message of a contact; kept per message in `ai_results` (docs/assistant.md)."""
