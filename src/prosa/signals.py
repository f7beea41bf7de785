"""What asks a process to end: SIGTERM (systemd, docker), Ctrl-C, and a terminal that is closed."""

import signal
import sys
from types import FrameType


def asked_to_end() -> tuple[signal.Signals, ...]:
    """The signals that ask for it. Under nohup a closed terminal is none of them."""
    ignores_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT, *(() if ignores_terminal else (signal.SIGHUP,)))


def leave(number: int, _frame: FrameType | None) -> None:
    """A handler: the process ends through its `with` blocks, with the exit code that a shell gives to a signal."""
    sys.exit(128 + number)
