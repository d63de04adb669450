"""Runs engines in a child process, so that a crash of an engine does not end the node.

Native code may crash, run out of memory or never end. Then the child dies, the task fails with a
reason, and the next task gets a new child. The pipe carries JSON: the node parses bytes from a
process that handled untrusted audio and never unpickles them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from generator.audio.decode import AudioError
from generator.engines.base import Engine, Progress, silent
from generator.sandbox import tasks
from generator.sandbox.limits import TaskLimits
from oracle.domain.errors import InvalidInput, RefrainError, Unavailable, WrongBytes

EngineFactory = Callable[[Path], Engine]
"""Makes an engine with its cache in the given folder."""

_KINDS: dict[str, type[RefrainError]] = {
    kind.__name__: kind for kind in (AudioError, InvalidInput, WrongBytes, Unavailable)
}


class EngineFailed(RefrainError):
    """The engine crashed, ran out of memory or time, or failed; the request is not the cause."""

    title = "Engine failed"


class EngineProcess:
    """One child process, started with the first task and again after it died.

    `generator/sandbox/tasks.py` holds the tasks. Threads may share a process; it runs one task at a
    time.

    Args:
        engines: name to factory; factories must be importable, because the child calls them.
        cache: folder of the engines' caches, one subfolder each.
    """

    def __init__(
        self, engines: Mapping[str, EngineFactory], cache: Path, limits: TaskLimits | None = None
    ) -> None:
        self._engines = dict(engines)
        self._cache = cache
        self._limits = limits or TaskLimits()
        self._turn = threading.Lock()
        self._handle = threading.Lock()
        self._child: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def run(self, task: str, arguments: Mapping[str, Any], progress: Progress = silent) -> Any:
        """Run one task and return its result; arguments and result are JSON values.

        Raises:
            RefrainError: the error that the engine raised in the child.
            EngineFailed: the child died, or used too much memory or time.
            Unavailable: `close` was called.
        """
        with self._turn:
            pipe = self._open()
            # After the child is known: a `close` before that would not have seen it.
            if self._closed:
                self._end()
                raise Unavailable("the node is stopping")
            try:
                pipe.send_bytes(json.dumps([task, dict(arguments)]).encode())
                return self._listen(pipe, progress)
            except (EOFError, OSError):
                raise self._dead() from None

    def close(self) -> None:
        """Kill the child; its task fails, and later tasks are refused."""
        self._closed = True
        with self._handle:
            if self._child is not None:
                self._child.kill()
        with self._turn:
            self._end()

    def _open(self) -> Connection:
        if self._child is not None and self._child.is_alive() and self._pipe is not None:
            return self._pipe
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        child = context.Process(
            target=tasks.main,
            args=(theirs, self._engines, str(self._cache), self._limits, os.getpid()),
            name="refrain-engine",
            daemon=True,
        )
        child.start()
        theirs.close()
        with self._handle:
            self._child = child
        return self._pipe

    def _listen(self, pipe: Connection, progress: Progress) -> Any:
        end = time.monotonic() + self._limits.seconds
        while True:
            if not pipe.poll(max(0.0, end - time.monotonic())):
                self._end()
                detail = f"took longer than {self._limits.seconds:g} seconds"
                raise EngineFailed(detail, field="engine")
            kind, value = json.loads(pipe.recv_bytes())
            if kind == "progress":
                progress(value)
            elif kind == "done":
                return value
            else:
                if value["kind"] == "MemoryError":
                    self._end()  # The child would keep the memory that it has.
                raise _error(value)

    def _dead(self) -> EngineFailed:
        status = self._end()
        if self._closed:
            return EngineFailed("was stopped with the node", field="engine")
        died = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return EngineFailed("died while it worked", field="engine", value=died)

    def _end(self) -> int:
        with self._handle:
            child, self._child = self._child, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if child is None:
            return 0
        child.join(timeout=1.0)
        child.kill()
        child.join()
        status = child.exitcode or 0
        child.close()
        return status


def _error(found: Mapping[str, Any]) -> RefrainError:
    kind = _KINDS.get(found["kind"], EngineFailed)
    return kind(found["detail"], field=found["field"], value=found["value"])
