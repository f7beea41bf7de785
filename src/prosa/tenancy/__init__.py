"""Tenants, users, sessions, API keys, features, audit log: a module each, of verbs over plain SQL.

A verb takes the connection first, opened by the caller (`db.tenant`, `db.operator` or `db.anonymous`), passes the
tenant as well, and never commits. Whatever it changes it writes into the audit log.
"""
