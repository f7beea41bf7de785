"""The signals that ask a process to end: SIGTERM (systemd, docker), Ctrl-C, and a terminal that is closed."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]


def asked_to_end() -> tuple[signal.Signals, ...]:
    """These signals. Under nohup, a closed terminal does not count."""
    ignores_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT, *(() if ignores_terminal else (signal.SIGHUP,)))


def leave(number: int, _frame: FrameType | None) -> None:
    """A handler: the process ends through its `with` blocks, with the exit code that a shell gives to the signal."""
    sys.exit(128 + number)


def stay() -> None:
    """Set the handlers of a process that stays until it is asked to end. That is no failure, so it exits with 0, not with 143.

    A closed terminal ends it as SIGTERM does, which uvicorn and the worker listen to while they run.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    if signal.SIGHUP in asked_to_end():
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Inside the block, these signals call `handler`."""
    before = {number: signal.signal(number, handler) for number in asked_to_end()}
    try:
        yield
    finally:
        for number, found in before.items():
            signal.signal(number, found)


@contextmanager
def held_back() -> Iterator[None]:
    """Inside the block, these signals wait for its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, asked_to_end())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
