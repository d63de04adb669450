"""Which finished jobs a node keeps: bounded by age and by number.

An oracle that asks for a forgotten job gets NotFound and submits it again, and the node makes the
same bytes again. So a forgotten job costs time, and no track is lost.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from generator.node.job import DONE, FAILED, Job, load
from generator.sandbox.tasks import AUDIO, TRACE
from oracle.domain.errors import Inconsistent, Unavailable

KEPT_SECONDS = 3 * 86_400
"""After its last change a finished job is kept so long. An order may be a day ahead of its deadline
and settle a day after that, so later no oracle can use the track."""

MOST_KEPT = 1_000
"""Jobs of one ledger on the disk, with those that wait. A track has at most 21 MB."""

RECENT_SECONDS = 3_600
"""A collected job is kept so long at least."""

_log = logging.getLogger(__name__)


class KeptJobs:
    """The folders of a node's jobs, each named by the job's id.

    Args:
        folder: holds them.
        clock: seconds since 1970.
        most: how many may be there.
    """

    def __init__(self, folder: Path, clock: Callable[[], float], most: int = MOST_KEPT) -> None:
        self._folder = folder
        self._clock = clock
        self._most = most

    def note(self, job_id: str, name: str, leader: str) -> None:
        """Notes that an oracle was sent a file, `audio.wav` or `trace.json`, of its job."""
        if (self._folder / job_id).is_dir():
            self._marker(job_id, name, leader).touch(0o600)

    def forget_old(self) -> None:
        """Deletes the finished jobs that are too old for any oracle."""
        for job, age in self._finished():
            if age > KEPT_SECONDS:
                self._forget(job)

    def require_room(self) -> None:
        """Makes room for one more job; deletes those first that were collected longest ago.

        Raises:
            Unavailable: there are too many jobs, and their oracles have not collected them.
        """
        excess = len(list(self._folder.glob("0x*"))) + 1 - self._most
        if excess <= 0:
            return
        for job, age in self._finished():
            if age > KEPT_SECONDS or (age > RECENT_SECONDS and self._is_collected(job)):
                self._forget(job)
                excess -= 1
                if excess <= 0:
                    return
        detail = "must be collected first by their oracles"
        raise Unavailable(detail, field="jobs", value=self._most)

    def _finished(self) -> Iterator[tuple[Job, float]]:
        """The finished jobs and the seconds since their last change, oldest first."""
        now = self._clock()
        changed = [(path.stat().st_mtime, path) for path in self._folder.glob("0x*/job.json")]
        for time, path in sorted(changed):
            try:
                job = load(path)
            except Inconsistent:
                continue  # it stays as it is, for a person to look at
            if job.state in (DONE, FAILED):
                yield job, now - time

    def _is_collected(self, job: Job) -> bool:
        """Whether every oracle that may read the job has both files; a failed one has none."""
        return job.state == FAILED or all(
            self._marker(job.id, name, leader).exists()
            for name in (AUDIO, TRACE)
            for leader in job.leaders
        )

    def _marker(self, job_id: str, name: str, leader: str) -> Path:
        return self._folder / job_id / f"{name}.{leader}"

    def _forget(self, job: Job) -> None:
        _log.info("job %s is forgotten; it is %s", job.id, job.state)
        # The job's file goes first: a folder without it is what a start deletes.
        (self._folder / job.id / "job.json").unlink()
        shutil.rmtree(self._folder / job.id)
