"""Twilio as a source: accounts of tenants, and what their webhooks bring."""
