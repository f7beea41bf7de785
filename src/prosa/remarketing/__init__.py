"""Remarketing: whom to write to, with what, under which rules, and what came of it."""
