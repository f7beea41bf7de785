#!/usr/bin/env python3
"""One command on a bare machine: `python3 run.py demo`, `python3 run.py test`, `python3 run.py <any prosa command>`.

Needs only Python 3.11 or newer with pip: no root, no virtual environment made by hand. It brings uv into `.boot`, makes
`.venv`, installs exactly what the lock file says (checked by hash), and hands over. Run again, it starts in a moment.
"""

import sys

# Before anything else; and the whole file keeps to what Python 3.7 can parse, so that this line is reached there.
if sys.version_info < (3, 11):
    sys.exit("Prosa needs Python 3.11 or newer; this is Python %d.%d. Try: python3.12 run.py" % sys.version_info[:2])

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# pytest would load every plugin that any library brings, and rewrite the assertions of those whole libraries at each start.
PLUGINS = ["--disable-plugin-autoload", "-p", "timeout", "-p", "xdist", "-p", "hypothesispytest"]
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
ENV = {
    # Behind a corporate TLS proxy the machine's own certificates are the ones to trust.
    "UV_SYSTEM_CERTS": "true",
    "UV_NATIVE_TLS": "true",
    # Seconds for one file. uv gives up after 60, which a busy machine with a slow disk exceeds.
    "UV_COMPILE_BYTECODE_TIMEOUT": "600",
    **os.environ,
}


def main(arguments: list[str]) -> None:
    """Install what is missing, then become the command asked for."""
    testing = arguments[:1] == ["test"]
    install(ROOT / ("requirements-dev.lock" if testing else "requirements.lock"))
    if testing:
        # The whole suite is shared out among two processes, each with a database of its own; a few tests are not worth that.
        whole = all(argument.startswith("-") for argument in arguments[1:])
        shared = ["--numprocesses=2", "--dist=worksteal"] if whole else []
        become([str(BIN / "python"), "-m", "pytest", *PLUGINS, *shared, *arguments[1:]])
    become([str(BIN / "prosa"), *arguments])


def install(lock: Path) -> None:
    """Bring `.venv` to what `lock` says, unless the same files were installed before."""
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f".installed-{lock.stem}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Preparing Prosa in {VENV} (once; about half a minute) …", file=sys.stderr, flush=True)
    uv = find_uv()
    if not (VENV / "pyvenv.cfg").exists():
        check([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)])
    pip = [uv, "pip", "install", "--quiet", "--python", str(BIN / "python")]
    check([*pip, "--compile-bytecode", "--require-hashes", "-r", str(lock)])
    check([*pip, "--no-deps", "--editable", str(ROOT)])
    # Once, and not in each of the processes of the first start.
    check([str(BIN / "python"), "-m", "compileall", "-q", str(ROOT / "src")])
    stamp.write_text(wanted)


def find_uv() -> str:
    """The machine's own uv, or one installed beside the project (a system Python may refuse a plain pip install)."""
    found = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".boot" / "bin"))
    if found:
        return found
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--target", str(ROOT / ".boot"), "uv>=0.9"], env=ENV) != 0:
        sys.exit(
            "uv could not be installed. Is there a network, and does `python3 -m pip --version` work?\n"
            "On Debian and Ubuntu: apt install python3-pip. Or install uv yourself, then run this again."
        )
    return shutil.which("uv", path=str(ROOT / ".boot" / "bin")) or sys.exit("uv was installed but is not in .boot/bin")


def check(command: list[str]) -> None:
    """Run one installation step; its own message is the best explanation of its failure."""
    if subprocess.call(command, cwd=ROOT, env=ENV) != 0:
        sys.exit("The installation stopped at: " + " ".join(command))


def become(command: list[str]) -> None:
    """Replace this process, so that signals and the exit code are the command's own."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}
    if WINDOWS:
        sys.exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1:])
