"""Conversations as files: csv, jsonl, xlsx, parquet, in bytes as they come, with memory that does not grow with rows."""

from prosa.facts.export.rows import Format, export_rows

__all__ = ["Format", "export_rows"]
