"""The signals that end a stack: Ctrl-C, SIGTERM, a closed terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals() -> None:
    """Makes each signal raise KeyboardInterrupt.

    A shell starts a background job with SIGINT ignored, and Python keeps that. SIGHUP stays ignored
    if it is: that is what `nohup` asks for.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        terminals = [stream.fileno() for stream in (sys.stdout, sys.stderr) if stream.isatty()]
        signal.signal(signal.SIGHUP, lambda number, frame: _hang_up(terminals, number, frame))


def _hang_up(terminals: list[int], number: int, frame: FrameType | None) -> None:
    """The terminal is gone: a write to it would fail, so what follows is written nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in terminals:
        os.dup2(nowhere, descriptor)
    signal.default_int_handler(number, frame)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignores the signals inside: a second Ctrl-C must not leave processes behind."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
