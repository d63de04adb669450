"""The child process of `EngineProcess`: reads tasks from a pipe and runs them one at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from generator import atomic_files
from generator.attribution import vectors
from generator.attribution.trace_json import trace_from_dict
from generator.engines.base import Engine, Progress, ReplayableEngine, Source, Steering
from generator.sandbox.check import check
from generator.sandbox.limits import TaskLimits
from generator.sandbox.prints import compare
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput, RefrainError
from oracle.domain.text import without_folders

AUDIO, TRACE, RECORDS = "audio.wav", "trace.json", "records.json"
"""The files that a generation writes into its folder."""


class EngineTasks:
    """The tasks and the engines that run them. Arguments and results are JSON values."""

    def __init__(
        self, factories: Mapping[str, Callable[[Path], Engine]], cache: Path, most: int
    ) -> None:
        self._factories = factories
        self._cache = cache
        self._most = most
        self._engines: dict[str, Engine] = {}

    def analyse(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{engine, source} to {record, seconds, bpm}; the engine caches its analysis."""
        found = self._engine(wanted["engine"]).analyse(_source(wanted["source"]), progress)
        return {"record": found.digest, "seconds": found.seconds, "bpm": found.bpm}

    def generate(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{engine, sources, weights, seed, length, controls, groups, folder} to
        {audio, trace, vectors}.

        Writes the WAV, the trace and the analysis records into `folder`; the result holds the
        sha256 of the first two.
        """
        from generator.audio.decode import wav_bytes

        engine = self._engine(wanted["engine"])
        sources = [_source(source) for source in wanted["sources"]]
        made = engine.generate(
            sources,
            wanted["weights"],
            int(wanted["seed"]),
            wanted["length"],
            progress,
            Steering(wanted["controls"], tuple(map(tuple, wanted["groups"]))),
        )
        audio, trace = wav_bytes(made.track, made.trace.rate), made.trace.to_json()
        folder = Path(wanted["folder"])
        atomic_files.write(folder / AUDIO, audio)
        atomic_files.write(folder / TRACE, trace)
        records = [engine.analyse(source).record for source in sources]
        atomic_files.write(folder / RECORDS, canonical.dumps(records))
        return {"audio": _sha256(audio), "trace": _sha256(trace), "vectors": vectors(made.trace)}

    def check(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """Makes a track of another node again; see `generator.sandbox.check`."""
        return check(self._engine, wanted, progress)

    def render(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{trace (a path), sources, out (a path)} to {audio}: writes the track of a trace.

        For the commands on local files only. A node never renders for anybody: a trace is any edit
        list, so its track may be a copy of a recording.
        """
        trace = trace_from_dict(canonical.loads(Path(wanted["trace"]).read_bytes()))
        from generator.audio.decode import wav_bytes

        engine = self._engine(trace.engine)
        if not isinstance(engine, ReplayableEngine):
            raise InvalidInput("cannot be rendered", field="trace.engine.name", value=trace.engine)
        sources = [_source(source) for source in wanted["sources"]]
        audio = wav_bytes(engine.replay(trace, sources, progress), trace.rate)
        atomic_files.write(Path(wanted["out"]), audio)
        return {"audio": _sha256(audio)}

    def embed(self, wanted: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """{path, checkpoint} to {embedding, checkpoint (its sha256)}."""
        from generator.embeddings import Clap

        found = Clap.cached(Path(wanted["checkpoint"]))
        return {"embedding": found.embed(Path(wanted["path"])), "checkpoint": found.digest}

    def fingerprint(self, wanted: Mapping[str, Any], progress: Progress) -> list[dict[str, Any]]:
        """{path, name, folder, keep} to the known files that match; keeps the fingerprint if asked.

        See `prints.compare`.
        """
        return compare(wanted)

    def _engine(self, name: str) -> Engine:
        if name not in self._factories:
            raise InvalidInput("is not an engine of this node", field="engine", value=name)
        if name not in self._engines:
            made = self._factories[name](self._cache / name)
            made.limit_cache(self._most)
            self._engines[name] = made
        return self._engines[name]


def main(
    pipe: Connection,
    factories: Mapping[str, Callable[[Path], Engine]],
    cache: str,
    limits: TaskLimits,
    parent: int,
) -> None:
    """Run tasks until the pipe closes or the node ends.

    Args:
        limits: of this process and the caches.
        parent: the node's process id.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    engine_tasks = EngineTasks(factories, Path(cache), limits.cache)
    tasks: dict[str, Callable[[Mapping[str, Any], Progress], Any]] = {
        "analyse": engine_tasks.analyse,
        "generate": engine_tasks.generate,
        "check": engine_tasks.check,
        "render": engine_tasks.render,
        "embed": engine_tasks.embed,
        "fingerprint": engine_tasks.fingerprint,
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
        # A bug of the engine, or a full disk. The text of the error may name folders of this
        # machine or repeat what is in them, so it goes into the log of the node only.
        traceback.print_exc()
        reason = error.strerror if isinstance(error, OSError) else None
        detail = f"failed: {reason}" if reason else "failed; the log of the node says why"
        return "error", _told(error, detail, "engine", type(error).__name__)


def _told(error: BaseException, detail: str, field: str | None, value: str | None) -> dict:
    """An error as the node gets it: without a folder of this machine, whoever wrote the text."""
    shown = None if value is None else without_folders(value)
    detail = without_folders(detail)[:500]
    return {"kind": type(error).__name__, "detail": detail, "field": field, "value": shown}


def _send(pipe: Connection, kind: str, value: Any) -> None:
    pipe.send_bytes(json.dumps([kind, value]).encode())


def _leave_with(parent: int) -> None:
    """End this process soon after the node, even if the node was killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _source(found: Mapping[str, Any]) -> Source:
    return Source(found["recording"], found["audio"], Path(found["path"]))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def as_json(source: Source) -> dict[str, Any]:
    """A source in the form that tasks take."""
    return {"recording": source.recording, "audio": source.audio, "path": str(source.path)}
