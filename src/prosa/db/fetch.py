"""A query's rows as objects."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import EnumType
from typing import Any, TypeVar

from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import kwargs_row

from prosa.db.connection import Conn

Row = TypeVar("Row")


def fetch_all(conn: Conn, make: Callable[..., Row], sql: QueryNoTemplate, values: Params | None = None) -> list[Row]:
    """Every row, made by calling `make` (mostly a dataclass) with the row's columns as keywords.

    If a dataclass's field is an enum, it gets the member that has the column's value.
    """
    with conn.cursor(row_factory=kwargs_row(_with_enums(make))) as cur:
        return cur.execute(sql, values).fetchall()


def fetch_one(conn: Conn, make: Callable[..., Row], sql: QueryNoTemplate, values: Params | None = None) -> Row | None:
    """The first row, made as `fetch_all` makes each; None where there is no row."""
    with conn.cursor(row_factory=kwargs_row(_with_enums(make))) as cur:
        return cur.execute(sql, values).fetchone()


def _with_enums(make: Callable[..., Row]) -> Callable[..., Row]:
    enums = {f.name: f.type for f in fields(make) if isinstance(f.type, EnumType)} if is_dataclass(make) else {}
    if not enums:
        return make

    def row(**columns: Any) -> Row:
        return make(**(columns | {name: enum(columns[name]) for name, enum in enums.items() if name in columns}))

    return row
