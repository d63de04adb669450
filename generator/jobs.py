"""Jobs on disk, done one at a time: what was asked before a crash is done after it.

    jobs/<id>/job.json     terms, state, and the result's hashes
    jobs/<id>/audio.wav, trace.json

A job is written down before its submission is answered, and its files before it is called done.
Engines are deterministic, so a job that died half-way gives the same bytes when it runs again.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator import files
from generator.job import DONE, FAILED, QUEUED, RUNNING, Job, load
from generator.vault import Vault, as_json
from generator.workbench import AUDIO, TRACE
from generator.workshop import Workshop
from oracle.domain.errors import Conflict, Inconsistent, NotFound, RefrainError, Unavailable

LONGEST_QUEUE = 64
"""Jobs that may wait; more are turned away, so that an answer stays a promise."""

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one node.

    Args:
        folder: of the layout above.
        workshop: where engines work; this one does nothing else.
        vault: where references come from.
        longest: jobs that may wait.
    """

    def __init__(
        self, folder: Path, workshop: Workshop, vault: Vault, longest: int = LONGEST_QUEUE
    ) -> None:
        self._folder = folder
        self._workshop = workshop
        self._vault = vault
        self._longest = longest
        self._changed = threading.Condition()
        self._stopping = False
        self._queue: list[str] = []
        self._progress: dict[str, int] = {}
        self._newest = 0
        self._worker = threading.Thread(target=self._work, name="refrain-jobs", daemon=True)

    def start(self) -> None:
        """Queue again what a crash or a stop left unfinished, and begin to work."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files.drop_drafts(self._folder)
        known = self._known()
        self._newest = max((job.number for job in known), default=0)
        for job in sorted(known, key=lambda job: job.number):
            if job.state in (QUEUED, RUNNING):
                self._save(job.queued())
                self._queue.append(job.id)
        self._worker.start()

    def stop(self) -> None:
        """End the work at once; the job in hand is queued again at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._workshop.close()
        self._worker.join()

    def submit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take a job, or answer with the one that has its id; a failed one is tried again.

        Args:
            body: as `job.read_body` returns it.

        Raises:
            Conflict: the id was used for other terms.
            NotFound: a reference is not in the vault.
            Unavailable: the queue is full.
        """
        with self._changed:
            known = self._find(body["id"])
            if known is not None and known.body != body:
                raise Conflict("was used for other terms", field="id", value=body["id"])
            if known is None or known.state == FAILED:
                self._sources(body)
                self._enqueue(known.queued() if known else Job(self._newest + 1, body))
        return self.view(body["id"])

    def view(self, job_id: str) -> dict[str, Any]:
        """Where the job stands. Raises NotFound."""
        job = self._get(job_id)
        progress = 100 if job.state == DONE else self._progress.get(job_id, 0)
        return job.view(progress)

    def file(self, job_id: str, name: str) -> Path:
        """A done job's `audio.wav` or `trace.json`. Raises NotFound until it is done."""
        job = self._get(job_id)
        if job.state != DONE:
            raise NotFound("is not done", field="id", value=f"{job_id} is {job.state}")
        path = self._folder / job_id / name
        if not path.is_file():
            raise Inconsistent("is done but its file is gone", field="id", value=job_id)
        return path

    def _enqueue(self, job: Job) -> None:
        if len(self._queue) >= self._longest:
            raise Unavailable("the queue is full", field="jobs", value=len(self._queue))
        self._newest = max(self._newest, job.number)
        self._progress[job.id] = 0
        self._save(job)
        self._queue.append(job.id)
        self._changed.notify_all()

    def _work(self) -> None:
        while (job_id := self._next()) is not None:
            try:
                self._attend(self._get(job_id))
            except Exception:
                # The disk is full or a file is broken. The job stays as it was last written down
                # and is taken up again at the next start; the ones behind it must not wait for it.
                _log.exception("job %s", job_id)
            self._progress.pop(job_id, None)

    def _attend(self, job: Job) -> None:
        self._save(job.running())
        try:
            ended = job.done(self._do(job))
        except RefrainError as error:
            ended = job.failed(error.title, str(error))
        if self._stopping and ended.state == FAILED:
            return  # It failed because its workshop was closed.
        self._save(ended)

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopping)
            return None if self._stopping else self._queue.pop(0)

    def _do(self, job: Job) -> Any:
        folder = self._folder / job.id
        wanted = {
            "engine": job.body["engine"],
            "sources": self._sources(job.body),
            "weights": [reference["weight"] for reference in job.body["references"]],
            "seed": job.body["seed"],
            "length": job.body["length"],
            "folder": str(folder),
        }
        for name in (AUDIO, TRACE):
            (folder / name).unlink(missing_ok=True)
        return self._workshop.run("generate", wanted, lambda n: self._tell(job.id, n))

    def _tell(self, job_id: str, percent: int) -> None:
        self._progress[job_id] = min(99, max(self._progress.get(job_id, 0), percent))

    def _sources(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            as_json(self._vault.source(item["recording"], item["audio"], f"references[{index}]"))
            for index, item in enumerate(body["references"])
        ]

    def _known(self) -> list[Job]:
        known = []
        for path in self._folder.glob("0x*/job.json"):
            try:
                known.append(load(path))
            except Inconsistent:
                _log.exception("a job on disk cannot be read back; it is left alone")
        for folder in self._folder.glob("0x*"):
            if not (folder / "job.json").exists():
                shutil.rmtree(folder)
        return known

    def _get(self, job_id: str) -> Job:
        job = self._find(job_id)
        if job is None:
            raise NotFound("is not a job of this node", field="id", value=job_id)
        return job

    def _find(self, job_id: str) -> Job | None:
        try:
            return load(self._path(job_id))
        except FileNotFoundError:
            return None

    def _save(self, job: Job) -> None:
        job.save(self._path(job.id))

    def _path(self, job_id: str) -> Path:
        return self._folder / job_id / "job.json"
