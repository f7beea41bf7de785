"""The checked-in picture of the present schema: `python -m prosa.db.schema` writes schema.sql, `--check` compares.

The picture is what the migrations make of an empty embedded database, in pg_dump's words, without the job queue's
objects (a library's) and without what changes from dump to dump.
"""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from prosa.db import programs
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import DATABASE
from prosa.settings import Settings

PICTURE = Path(__file__).with_suffix(".sql")
TITLE = "-- What the migrations make; written by `python -m prosa.db.schema`, never by hand.\n"
LIBRARIES = re.compile(r"procrastinate_|schema_migrations")


def dump() -> str:
    """The schema of a database made for this purpose. Takes a few seconds."""
    with tempfile.TemporaryDirectory(prefix="prosa-schema-") as home:
        Path(home).chmod(0o711)  # the server's user must be able to walk there, when we are root
        settings = Settings(prosa_home=Path(home), secret_key="schema")  # noqa: S106  (the database lives for seconds)
        with EmbeddedServer(settings.prosa_home).running() as server:
            migrate(settings)
            options = ["--schema-only", "--no-owner", "--schema=public", f"--dbname={server.dsn(DATABASE)}"]
            command = [str(programs.folder() / "pg_dump"), *options]
            return picture(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def picture(dumped: str) -> str:
    """pg_dump's output without its settings, its comments, and the objects of libraries.

    pg_dump writes each object as a comment of three lines, whose second names it, and the statements that make it.
    """
    objects = dumped.partition("--\n-- PostgreSQL database dump complete")[0]
    parts = re.split(r"^--\n-- Name: (.+)\n--\n", objects, flags=re.MULTILINE)[1:]
    kept = [made.strip() for name, made in zip(parts[::2], parts[1::2], strict=True) if not LIBRARIES.search(name)]
    return "\n\n".join([TITLE.strip(), *kept]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the picture; with --check, print how it differs from what the migrations make, and return 1 if it does."""
    parser = argparse.ArgumentParser(description="Write or check the picture of the database schema.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the picture is not true")
    check = parser.parse_args(arguments).check
    true = dump()
    if not check:
        PICTURE.write_text(true, encoding="utf-8")
        return 0
    present = PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else ""
    difference = difflib.unified_diff(
        present.splitlines(keepends=True), true.splitlines(keepends=True), "schema.sql", "the migrations' result"
    )
    sys.stdout.writelines(difference)
    return int(present != true)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
