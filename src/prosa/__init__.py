"""Prosa: the conversation platform for companies that serve their customers on WhatsApp."""

__version__ = "0.1.0"
