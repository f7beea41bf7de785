"""Sending each of our messages once at most, and keeping what became of it."""
