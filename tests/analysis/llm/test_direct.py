"""`prosa insight score --analyzer openai`: no database, answers in order, and a line that fails harms no other."""

import json
import os
import subprocess
import sys

from analysis.llm.conftest import Serve, text_of
from analysis.llm.endpoint import Fail, Json, Say
from analysis.llm.test_run import verdict


def score(lines: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, where there is no database and no setting but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PROSA_"))}
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    return subprocess.run(
        [sys.executable, "-m", "prosa", "insight", "score", "--analyzer", "openai", "--json"], capture_output=True,
        text=True, check=False, input="\n".join(lines), env=clean | nowhere | environment,
    )  # fmt: skip


def line(number: int, said: str) -> str:
    return json.dumps({"id": number, "segment": "gym", "messages": [{"message_owner": "user", "body": said}]})


def test_answers_keep_the_order_and_a_line_that_fails_harms_no_other(serve: Serve) -> None:
    def behaviour(body: Json, number: int) -> Say | Fail:
        said = text_of(body)
        return Fail(400) if "recuse" in said else Say(refusal="não") if "negue" in said else verdict(body)

    said = [f"quero me matricular, caso {number}" for number in range(12)]
    said[2], said[5] = "recuse", "negue"
    lines = [line(number, text) for number, text in enumerate(said)]
    lines[7] = "isto não é JSON"
    done = score(lines, OPENAI_API_KEY="sk-test-12345678", OPENAI_BASE_URL=serve(behaviour).url)
    assert done.returncode == 0, done.stderr
    found = [json.loads(text) for text in done.stdout.splitlines()]
    assert [answer["id"] for answer in found] == [*range(7), None, *range(8, 12)]
    assert {place for place, answer in enumerate(found) if "error" in answer} == {2, 5, 7}
    assert {answer["model"] for answer in found if "model" in answer} == {"gpt-4o-mini"}


def test_without_a_key_it_says_what_is_missing_and_prints_nothing_else() -> None:
    done = score([line(1, "oi")])
    assert (done.returncode, done.stdout) == (1, "")
    assert "OPENAI_API_KEY" in done.stderr and "Traceback" not in done.stderr
