"""A tenant with a connected Twilio account."""

from twilio_world import connect

__all__ = ["connect"]
