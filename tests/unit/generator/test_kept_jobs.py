"""Finished jobs: bounded by age and number, and none goes that an oracle has still to collect."""

import os

import pytest

from generator.node.job import Job, load, read_terms
from generator.node.kept_jobs import KEPT_SECONDS, RECENT_SECONDS, KeptJobs
from oracle.domain.errors import Unavailable

NOW = 2_000_000_000
LEADER, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
TERMS = {
    "engine": "tiny", "length": 5, "seed": "42", "controls": {},
    "references": [{"recording": 1, "audio": "ab" * 32, "weight": 1_000_000}],
}  # fmt: skip


@pytest.fixture
def kept(tmp_path):
    return KeptJobs(tmp_path, lambda: NOW, most=3)


@pytest.fixture
def add(tmp_path):
    """Adds a job; returns its id."""

    def made(number, age, state="done", leaders=(LEADER,)):
        job = Job(number, read_terms({"id": f"0x{number:064x}", **TERMS}), leaders)
        changed = {"done": job.done({}), "failed": job.failed("a", "b"), "queued": job,
                   "running": job.running()}[state]  # fmt: skip
        path = tmp_path / job.id / "job.json"
        changed.save(path)
        os.utime(path, (NOW - age, NOW - age))
        return job.id

    return made


def left(folder):
    return {load(path).number for path in folder.glob("0x*/job.json")}


def collect(kept, job_id, leader=LEADER):
    for name in ("audio.wav", "trace.json"):
        kept.note(job_id, name, leader)


def test_old_jobs_go_whether_they_are_collected_or_not(kept, add, tmp_path):
    for number, state in enumerate(("done", "failed", "queued", "running"), start=1):
        add(number, KEPT_SECONDS + 1, state)
    add(5, KEPT_SECONDS - 1)
    kept.forget_old()
    assert left(tmp_path) == {3, 4, 5}


def test_room_is_made_by_what_was_collected_longest_ago(kept, add, tmp_path):
    for number, age in ((1, 9_000), (2, 8_000), (3, 7_000)):
        collect(kept, add(number, age))
    kept.require_room()
    assert left(tmp_path) == {2, 3}
    kept.require_room()
    assert left(tmp_path) == {2, 3}


def test_a_failed_job_makes_room(kept, add, tmp_path):
    add(1, 9_000)
    add(2, 8_000, "failed")
    add(3, 7_000, "queued")
    kept.require_room()
    assert left(tmp_path) == {1, 3}


def test_what_an_oracle_has_not_collected_stays_and_new_jobs_are_refused(kept, add, tmp_path):
    only_audio = add(1, 9_000)
    kept.note(only_audio, "audio.wav", LEADER)
    collect(kept, add(2, 8_000, leaders=(LEADER, OTHER)))
    collect(kept, add(3, RECENT_SECONDS - 1))
    with pytest.raises(Unavailable, match="jobs: must be collected first") as found:
        kept.require_room()
    assert (found.value.value, left(tmp_path)) == ("3", {1, 2, 3})
    kept.note(only_audio, "trace.json", LEADER)
    kept.require_room()
    assert left(tmp_path) == {2, 3}


def test_a_job_with_two_leaders_goes_when_both_have_it(kept, add, tmp_path):
    shared = add(1, 9_000, leaders=(LEADER, OTHER))
    add(2, 8_000)
    add(3, 7_000)
    collect(kept, shared)
    collect(kept, shared, OTHER)
    kept.require_room()
    assert left(tmp_path) == {2, 3}


def test_a_damaged_job_stays(kept, add, tmp_path):
    damaged = tmp_path / add(1, KEPT_SECONDS + 9) / "job.json"
    damaged.write_bytes(b"{")
    os.utime(damaged, (1, 1))
    kept.forget_old()
    assert damaged.exists()


def test_a_note_about_a_forgotten_job_makes_no_folder(kept, tmp_path):
    kept.note("0x" + "77" * 32, "audio.wav", LEADER)
    assert list(tmp_path.iterdir()) == []


def test_only_the_node_can_read_what_was_noted(kept, add, tmp_path):
    job_id = add(1, 0)
    collect(kept, job_id)
    noted = [path for path in (tmp_path / job_id).iterdir() if path.name != "job.json"]
    assert len(noted) == 2 and all(path.stat().st_mode & 0o077 == 0 for path in noted)
