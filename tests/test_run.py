"""`run.py` on machines that lack what it needs: it says so, and does not fall over."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest


def test_an_old_python_gets_a_sentence_and_no_traceback(project: Path) -> None:
    pretend = f"import sys; sys.version_info = (3, 8, 19); exec(open({str(project / 'run.py')!r}).read())"
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("Prosa needs Python 3.11 or newer; this is Python 3.8.")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("minor", [7, 8, 9, 10])
def test_the_whole_file_parses_on_an_old_python_so_that_the_sentence_is_reached(project: Path, minor: int) -> None:
    ast.parse((project / "run.py").read_text(encoding="utf-8"), feature_version=(3, minor))


def test_without_uv_and_pip_it_says_what_to_install(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("run.py", "pyproject.toml", "requirements.lock"):
        (copy / name).write_bytes((project / name).read_bytes())
    no_pip = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    (tmp_path / "pip.py").write_text("import sys; sys.exit('No module named pip')")
    result = subprocess.run(
        [sys.executable, "run.py", "doctor"], cwd=copy, env=no_pip, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "apt install python3-pip" in result.stderr
