"""Conversations as files: csv, jsonl, xlsx, parquet, in pieces; memory does not grow with rows."""

from prosa.facts.export.formats import Format, export_rows

__all__ = ["Format", "export_rows"]
