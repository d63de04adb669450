"""The queue of jobs, stored on disk: the node runs one at a time, also those from before a crash.

    jobs/<id>/job.json     terms, state, and the result's hashes
    jobs/<id>/audio.wav, trace.json
    jobs/<id>/audio.wav.<oracle>    the oracle was sent the file

The node writes a job to disk before it answers the submission, and a job's files before it marks
the job as done. Engines are deterministic, so a job that was interrupted gives the same bytes when
it runs again.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from generator import atomic_files
from generator.node import screening
from generator.node.job import DONE, FAILED, QUEUED, RUNNING, Job, load
from generator.node.kept_jobs import MOST_KEPT, KeptJobs
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import AUDIO, RECORDS, TRACE, as_json
from oracle.domain.errors import Conflict, Inconsistent, NotFound, RefrainError, Unavailable

LONGEST_QUEUE = 64
"""Jobs that may wait; the node refuses more, so that it finishes every job that it accepts."""

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one node.

    Args:
        folder: root of the layout above.
        engine_process: runs the engines; only this queue uses it.
        vault: holds the references.
        longest: how many jobs may wait.
        most: how many jobs may be on the disk, with those that wait.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        engine_process: EngineProcess,
        vault: Vault,
        longest: int = LONGEST_QUEUE,
        most: int = MOST_KEPT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._engine_process = engine_process
        self._vault = vault
        self._longest = longest
        self._kept = KeptJobs(folder, clock, most)
        self._changed = threading.Condition()
        self._stopping = False
        self._queue: list[str] = []
        self._progress: dict[str, int] = {}
        self._newest = 0
        self._worker = threading.Thread(target=self._work, name="refrain-jobs", daemon=True)

    def start(self) -> None:
        """Queue the jobs again that a crash or a stop interrupted, and start the worker."""
        self._folder.mkdir(parents=True, exist_ok=True)
        atomic_files.drop_drafts(self._folder)
        known = self._known()
        self._newest = max((job.number for job in known), default=0)
        for job in sorted(known, key=lambda job: job.number):
            if job.state in (QUEUED, RUNNING):
                self._save(job.queued())
                self._queue.append(job.id)
        self._kept.forget_old()
        self._worker.start()

    def stop(self) -> None:
        """Stop at once; the next start queues the interrupted job again."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._engine_process.close()
        self._worker.join()

    def submit(self, body: dict[str, Any], leader: str) -> dict[str, Any]:
        """Accept a job, or return the job with the same id; a failed job runs again.

        Args:
            body: as `job.read_terms` returns it.
            leader: EIP-55 address of the oracle that submits it and may read it from now on.

        Raises:
            Conflict: a job with this id has other terms.
            NotFound: a reference is not in the vault.
            Unavailable: the queue is full, or too many finished jobs wait for their oracles.
        """
        with self._changed:
            known = self._find(body["id"])
            if known is not None and known.body != body:
                raise Conflict("names a job with other terms", field="id", value=body["id"])
            if known is None or known.state == FAILED:
                self._sources(body)
                if known is None:
                    self._kept.require_room()
                self._enqueue((known or Job(self._newest + 1, body)).queued().led_by(leader))
            elif leader not in known.leaders:
                self._save(known.led_by(leader))
        return self.view(body["id"])

    def require_leader(self, job_id: str, caller: str) -> None:
        """Raises NotFound unless this oracle submitted the job."""
        if caller not in self._get(job_id).leaders:
            raise NotFound("is not a job of this oracle", field="id", value=job_id)

    def view(self, job_id: str) -> dict[str, Any]:
        """The state of a job. Raises NotFound."""
        job = self._get(job_id)
        progress = 100 if job.state == DONE else self._progress.get(job_id, 0)
        return job.view(progress)

    def file(self, job_id: str, name: str) -> Path:
        """A file that a finished job wrote. Raises NotFound until the job is done."""
        job = self._get(job_id)
        if job.state != DONE:
            raise NotFound("is not done", field="id", value=f"{job_id} is {job.state}")
        path = self._folder / job_id / name
        if not path.is_file():
            raise Inconsistent("is done but its file is missing", field="id", value=job_id)
        return path

    def note_sent(self, job_id: str, name: str, leader: str) -> None:
        """Notes that an oracle was sent a file of its job, so that the job may be forgotten."""
        with self._changed:
            self._kept.note(job_id, name, leader)

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
                self._run(self._get(job_id))
            except Exception:
                # The disk is full or a file is broken. The job keeps its last state on disk and
                # runs again after the next start. The jobs behind it must not wait for it.
                _log.exception("job %s stopped", job_id)
            self._progress.pop(job_id, None)
            with self._changed:
                self._kept.forget_old()

    def _run(self, job: Job) -> None:
        self._change(job.id, Job.running)
        try:
            result = self._generate(job)
        except RefrainError as error:
            title, detail = error.title, str(error)
            if not self._stopping:  # else it failed because `stop` closed the engine process
                self._change(job.id, lambda known: known.failed(title, detail))
            return
        self._change(job.id, lambda known: known.done(result))

    def _change(self, job_id: str, change: Callable[[Job], Job]) -> None:
        # Under the lock, because another oracle may become a leader of the job meanwhile.
        with self._changed:
            self._save(change(self._get(job_id)))

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopping)
            return None if self._stopping else self._queue.pop(0)

    def _generate(self, job: Job) -> Any:
        folder = self._folder / job.id
        named = [reference["recording"] for reference in job.body["references"]]
        wanted = {
            "engine": job.body["engine"],
            "sources": self._sources(job.body),
            "weights": [reference["weight"] for reference in job.body["references"]],
            "seed": job.body["seed"],
            "length": job.body["length"],
            "controls": job.body["controls"],
            "groups": screening.groups(self._vault, named),
            "folder": str(folder),
        }
        for name in (AUDIO, TRACE, RECORDS):
            (folder / name).unlink(missing_ok=True)
        made = self._engine_process.run("generate", wanted, lambda n: self._tell(job.id, n))
        screening.require_own(self._vault, folder / AUDIO, named)
        return made

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
                _log.exception("cannot read a job on disk; it stays as it is")
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
