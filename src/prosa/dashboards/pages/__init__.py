"""The pages. `navigation.py` lists the modules that are pages, by their function `page()`.

`administration/` holds the pages of whoever runs a company, `platform/` those of whoever runs the platform. The other modules
are parts of a page (`chat`, `drafts`, `leads_filters`), or what a page asks of the database (`*queries.py`).
"""
