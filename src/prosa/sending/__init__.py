"""Sending: each message of ours once at most, and what became of it."""
