"""The picture of the schema is true, and the check says so when it is not."""

import os
from pathlib import Path

import pytest

from prosa.db import schema

DUMPED = """--
-- PostgreSQL database dump
--

\\restrict random

-- Dumped from database version 18.0

SET client_encoding = 'UTF8';

--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (id bigint);


--
-- Name: procrastinate_jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.procrastinate_jobs (id bigint);


--
-- PostgreSQL database dump complete
--

\\unrestrict random
"""


def test_the_picture_holds_our_objects_and_nothing_that_changes() -> None:
    assert schema.picture(DUMPED) == schema.TITLE + "\nCREATE TABLE public.users (id bigint);\n"


@pytest.mark.skipif("PROSA_PG_BIN" in os.environ, reason="the picture is in the words of the usual version's pg_dump")
def test_the_migrations_produce_schema_sql(capsys: pytest.CaptureFixture[str]) -> None:
    assert (schema.main(["--check"]), capsys.readouterr().out) == (0, "")


def test_a_false_picture_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    false = tmp_path / "schema.sql"
    false.write_text(schema.PICTURE.read_text().replace("slug text NOT NULL", "slug text"))
    monkeypatch.setattr(schema, "PICTURE", false)
    assert schema.main(["--check"]) == 1
    assert "+    slug text NOT NULL," in capsys.readouterr().out
    assert "slug text NOT NULL" not in false.read_text(), "a check changes nothing"
