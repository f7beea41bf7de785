"""Tenants, users, sessions, API keys, features, audit log: a module for each, with verbs over plain SQL.

A verb takes the connection first, opened by the caller (`db.tenant`, `db.operator` or `db.anonymous`). It takes the tenant as
well, and never commits. Whatever it changes is written into the audit log.
"""
