"""The child process of a workshop: takes tasks from a pipe, one at a time, and does them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from generator import files
from generator.attribution import vectors
from generator.attribution.trace_json import read_trace
from generator.engines.base import Engine, Progress, ReplayableEngine, Source
from oracle.domain.errors import InvalidInput, RefrainError

AUDIO, TRACE = "audio.wav", "trace.json"
"""What a generation leaves in its folder."""


class Bench:
    """The tasks, and the engines they are done with. Arguments and results are JSON values."""

    def __init__(self, factories: Mapping[str, Callable[[Path], Engine]], cache: Path) -> None:
        self._factories = factories
        self._cache = cache
        self._engines: dict[str, Engine] = {}

    def analyse(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{engine, source} to {record, seconds, bpm}; the engine keeps what it made."""
        found = self._engine(wanted["engine"]).analyse(_source(wanted["source"]), progress)
        return {"record": found.digest, "seconds": found.seconds, "bpm": found.bpm}

    def generate(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{engine, sources, weights, seed, length, folder} to {audio, trace, vectors}.

        Leaves the WAV and the trace in `folder`; the result names both by their sha256.
        """
        from generator.audio import wav_bytes

        made = self._engine(wanted["engine"]).generate(
            [_source(source) for source in wanted["sources"]],
            wanted["weights"],
            int(wanted["seed"]),
            wanted["length"],
            progress,
        )
        audio, trace = wav_bytes(made.track, made.trace.rate), made.trace.to_json()
        folder = Path(wanted["folder"])
        files.write(folder / AUDIO, audio)
        files.write(folder / TRACE, trace)
        return {"audio": _sha256(audio), "trace": _sha256(trace), "vectors": vectors(made.trace)}

    def replay(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{trace (a path), sources, out (a path)} to {audio}: the trace rendered again."""
        from generator.audio import wav_bytes

        trace = read_trace(Path(wanted["trace"]).read_bytes())
        engine = self._engine(trace.engine)
        if not isinstance(engine, ReplayableEngine):
            raise InvalidInput("cannot be replayed", field="engine.name", value=trace.engine)
        sources = [_source(source) for source in wanted["sources"]]
        audio = wav_bytes(engine.replay(trace, sources, progress), trace.rate)
        files.write(Path(wanted["out"]), audio)
        return {"audio": _sha256(audio)}

    def embed(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{path, checkpoint} to {embedding, checkpoint (its sha256)}."""
        from generator.embeddings import Clap

        found = Clap.cached(Path(wanted["checkpoint"]))
        return {"embedding": found.embed(Path(wanted["path"])), "checkpoint": found.digest}

    def _engine(self, name: str) -> Engine:
        if name not in self._factories:
            raise InvalidInput("is not an engine of this node", field="engine", value=name)
        if name not in self._engines:
            self._engines[name] = self._factories[name](self._cache / name)
        return self._engines[name]


def main(
    pipe: Connection,
    factories: Mapping[str, Callable[[Path], Engine]],
    cache: str,
    memory: int,
    parent: int,
) -> None:
    """Work until the pipe closes or the node goes away.

    Args:
        memory: bytes of private memory this process may have.
        parent: the node's process id.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    bench = Bench(factories, Path(cache))
    tasks: dict[str, Callable[[Mapping[str, Any], Progress], Any]] = {
        "analyse": bench.analyse,
        "generate": bench.generate,
        "replay": bench.replay,
        "embed": bench.embed,
    }
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            task, wanted = json.loads(pipe.recv_bytes())
            kind, value = _attempt(tasks[task], wanted, pipe)
            _send(pipe, kind, value)


def _attempt(
    task: Callable[[Mapping[str, Any], Progress], Any], wanted: Mapping[str, Any], pipe: Connection
) -> tuple[str, Any]:
    try:
        return "done", task(wanted, lambda percent: _send(pipe, "progress", percent))
    except RefrainError as error:
        return "error", _told(error, error.detail, error.field, error.value)
    except MemoryError as error:
        return "error", _told(error, "needs more memory than allowed", "engine", None)
    except Exception as error:
        # An engine's own mistake: it must reach the job's record, whatever it is.
        return "error", _told(error, f"broke: {error}", "engine", type(error).__name__)


def _told(error: BaseException, detail: str, field: str | None, value: str | None) -> dict:
    return {"kind": type(error).__name__, "detail": detail[:500], "field": field, "value": value}


def _send(pipe: Connection, kind: str, value: Any) -> None:
    pipe.send_bytes(json.dumps([kind, value]).encode())


def _leave_with(parent: int) -> None:
    """End this process soon after the node, even when the node was killed in the middle."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _source(found: Mapping[str, Any]) -> Source:
    return Source(found["recording"], found["audio"], Path(found["path"]))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
