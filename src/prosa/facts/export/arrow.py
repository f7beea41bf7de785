"""Conversations as parquet."""

import io
from collections.abc import Generator, Iterable

import pyarrow as pa
from pyarrow import parquet as pq

from prosa.facts.export.rows import Row
from prosa.facts.export.text import batches
from prosa.facts.metrics import columns

ROW_GROUP = 5_000
TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


class _Pieces(io.RawIOBase):
    """A file that can only be written; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = memoryview(data)  # type: ignore[arg-type]  # Arrow hands over its own buffers
        self.held += piece
        return piece.nbytes

    def take(self) -> bytes:
        """The bytes that were written since the last call."""
        piece = bytes(self.held)
        self.held.clear()
        return piece


def parquet(rows: Iterable[Row]) -> Generator[bytes, None, None]:
    """One row group for every 5,000 rows, compressed, each value in its type; times are UTC to the microsecond."""
    schema = pa.schema([(column.key, TYPES[column.type]) for column in columns()])
    pieces = _Pieces()
    with pq.ParquetWriter(pieces, schema, compression="zstd") as writer:
        for batch in batches(rows, ROW_GROUP):
            arrays = [
                pa.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            yield pieces.take()
    yield pieces.take()
