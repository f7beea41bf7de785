"""The `score` commands need no database: JSON lines in, JSON lines out. `analyze` prints what it did."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facts.builder import START
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings

PROSA = [sys.executable, "-c", "from prosa.cli import main; main()"]


@pytest.mark.parametrize(
    ("command", "line", "expected"),
    [
        ("sentiment", {"id": 1, "text": "Péssimo atendimento!"}, {"id": 1, "label": "negative"}),
        ("closure", {"id": "a", "history": [], "message": "tchau, obrigado!"}, {"id": "a", "action": "close"}),
        (
            "insight",
            {"id": None, "messages": [{"message_owner": "user", "body": "Quero me matricular, quanto custa?"}]},
            {"id": None, "category": "lead", "is_lead": True, "evidence": [0]},
        ),
    ],
)
def test_scores_are_json_lines_without_a_database(
    command: str, line: dict[str, object], expected: dict[str, object], tmp_path: Path
) -> None:
    given = json.dumps(line, ensure_ascii=False).encode() + b'\n{broken\n\n{"id": "\\ud800"}\n'
    nowhere = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "PROSA_HOME": str(tmp_path / "home")}
    result = subprocess.run(
        [*PROSA, command, "score", "--json"], input=given, capture_output=True, env=nowhere, check=False
    )
    assert result.returncode == 0, result.stderr
    first, second, third = map(json.loads, result.stdout.decode().splitlines())
    assert expected.items() <= first.items()
    assert "error" in second
    assert third["id"] == "\ud800", "half a character, which UTF-8 cannot hold, comes back as the escape that it was"
    assert not (tmp_path / "home").exists()


def test_scoring_starts_without_the_web_and_the_database(tmp_path: Path) -> None:
    """Each of these costs more time than scoring a line."""
    code = """
import io, sys
sys.stdin = io.TextIOWrapper(io.BytesIO(b'{"id": 1, "text": "oi"}'))
from prosa.cli import app
app(["sentiment", "score"], standalone_mode=False)
heavy = {"psycopg", "fastapi", "streamlit", "pyarrow", "xlsxwriter", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=tmp_path, check=False)
    assert result.returncode == 0, result.stderr.decode()


def test_analyze_prints_its_counts_as_json(settings: Settings, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into conversations (tenant_id, id, source, created_at, updated_at, last_activity_at)
               values (%s, 1, 'chatwoot', now(), now(), now())""",
            [tenant],
        )
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               values (%s, 1, 1, 'contact', 'Oi', %s)""",
            [tenant, START],
        )
        conn.execute(
            """insert into conversation_facts (tenant_id, conversation_id, created_at, closed, messages_total,
                 messages_contact, messages_agent, messages_bot, private_notes, times_resolved, times_reopened,
                 last_contact_message_at)
               values (%s, 1, now(), false, 1, 1, 0, 0, 0, 0, 0, %s)""",
            [tenant, START],
        )
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row
    environment = {**os.environ, "PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or ""}
    command = [*PROSA, "analyze", "--tenant", row[0], "--json"]
    result = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert json.loads(result.stdout) == [{"tenant": row[0], "analysed": 1, "skipped": 0}]
    assert result.stderr == b""
    result = subprocess.run([*command, "--again"], capture_output=True, env=environment, check=False)
    assert result.returncode == 1 and b"OPENAI_API_KEY" in result.stderr
