"""The pages. `navigation.py` lists the modules that are one, by their function `page()`; `administration/` and `platform/` hold
those of who runs a company and of who runs the platform.

The others are parts of a page (`chat`, `drafts`, `leads_filters`), or what a page asks of the database (`*queries.py`).
"""
