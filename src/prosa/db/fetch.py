"""Rows of a query as objects."""

from collections.abc import Callable
from typing import TypeVar

from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import kwargs_row

from prosa.db.connection import Conn

Row = TypeVar("Row")


def fetch_all(conn: Conn, make: Callable[..., Row], sql: QueryNoTemplate, values: Params | None = None) -> list[Row]:
    """Every row, made by calling `make` (mostly a dataclass) with the row's columns as keywords."""
    with conn.cursor(row_factory=kwargs_row(make)) as cur:
        return cur.execute(sql, values).fetchall()


def fetch_one(conn: Conn, make: Callable[..., Row], sql: QueryNoTemplate, values: Params | None = None) -> Row | None:
    """The first row, made as `fetch_all` makes each; None where there is no row."""
    with conn.cursor(row_factory=kwargs_row(make)) as cur:
        return cur.execute(sql, values).fetchone()
