"""Twilio: its REST API, and what its webhooks say."""
