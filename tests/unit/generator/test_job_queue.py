"""Jobs: on disk before they are accepted, run once each, and run again after a crash."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.node.job import load, read_terms
from generator.node.job_queue import Jobs
from generator.node.kept_jobs import KEPT_SECONDS
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from oracle.domain.errors import Conflict, Inconsistent, InvalidInput, NotFound, Unavailable
from tests.unit.generator import songs, tiny_engine

LEADER, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
ROOT = Path(__file__).resolve().parents[3]
ENGINES = {
    "tiny": tiny_engine.TinyEngine,
    "slow": tiny_engine.SlowEngine,
    "killed": tiny_engine.KilledEngine,
}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory):
    """A vault with recordings 1 and 2, which tests copy."""
    folder = tmp_path_factory.mktemp("stock")
    engine_process = EngineProcess(ENGINES, folder / "cache")
    vault = Vault(folder, "here", engine_process, "tiny")
    audio = {}
    for recording in (1, 2):
        content = songs.song(recording)
        audio[recording] = hashlib.sha256(content).hexdigest()
        path = folder / "audio" / audio[recording][:2] / audio[recording]
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        vault.admit(recording, audio[recording])
    engine_process.close()
    return folder, audio


@pytest.fixture
def folder(stocked, tmp_path):
    return Path(shutil.copytree(stocked[0], tmp_path / "vault"))


@pytest.fixture
def make(folder):
    """Makes a node's job queue; a second call is the node after a restart."""
    made = []

    def jobs(longest=64, start=True, **more):
        engine_process = EngineProcess(ENGINES, folder / "cache")
        vault = Vault(folder, "here", engine_process, "tiny")
        made.append(Jobs(folder / "jobs", engine_process, vault, longest, **more))
        if start:
            made[-1].start()
        return made[-1]

    yield jobs
    for each in made:
        if each._worker.is_alive():
            each.stop()


@pytest.fixture
def body(stocked):
    def terms(number=1, **changes):
        references = [
            {"recording": 1, "audio": stocked[1][1], "weight": 400_000},
            {"recording": 2, "audio": stocked[1][2], "weight": 600_000},
        ]
        made = {"id": f"0x{number:064x}", "engine": "tiny", "length": 5, "seed": "42"}
        return read_terms(made | {"references": references, "controls": {}} | changes)

    return terms


def ended(jobs, body, seconds=30):
    end = time.monotonic() + seconds
    while (view := jobs.view(body["id"]))["state"] in ("queued", "running"):
        assert time.monotonic() < end, view
        time.sleep(0.02)
    return view


def test_a_finished_job_has_files_with_the_hashes_it_names(make, body):
    jobs = make()
    first = jobs.submit(body(), LEADER)
    # On a busy machine the worker may have begun before `submit` looks.
    assert first["state"] in ("queued", "running")
    assert (first["id"], first["error"]) == (body()["id"], None)
    view = ended(jobs, body())
    assert (view["state"], view["progress"], view["error"]) == ("done", 100, None)
    for name, file in (("audio", "audio.wav"), ("trace", "trace.json")):
        content = jobs.file(view["id"], file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == view[name]
    assert view["vectors"]["declared"] == [
        {"recording": 1, "weight": 400_000},
        {"recording": 2, "weight": 600_000},
    ]


def test_progress_only_rises(make, body):
    jobs = make()
    jobs.submit(body(engine="slow"), LEADER)
    seen = []
    while not seen or seen[-1]["state"] in ("queued", "running"):
        seen.append(jobs.view(body()["id"]))
        time.sleep(0.02)
    told = [view["progress"] for view in seen]
    assert told == sorted(told) and len(set(told)) > 5
    assert all(view["progress"] < 100 for view in seen if view["state"] != "done")


def test_a_repeated_submission_is_the_same_job(make, body):
    jobs = make()
    jobs.submit(body(), LEADER)
    view = ended(jobs, body())
    stamp = jobs.file(view["id"], "audio.wav").stat().st_mtime_ns
    assert jobs.submit(body(), LEADER) == view
    assert jobs.file(view["id"], "audio.wav").stat().st_mtime_ns == stamp


def test_only_the_oracles_that_submitted_a_job_may_read_it(make, body):
    jobs = make()
    jobs.submit(body(engine="slow"), LEADER)
    jobs.require_leader(body()["id"], LEADER)
    with pytest.raises(NotFound, match="not a job of this oracle"):
        jobs.require_leader(body()["id"], OTHER)
    while jobs.view(body()["id"])["state"] != "running":
        time.sleep(0.02)
    jobs.submit(body(engine="slow"), OTHER)
    assert ended(jobs, body())["state"] == "done"
    for leader in (LEADER, OTHER):
        jobs.require_leader(body()["id"], leader)
    with pytest.raises(NotFound, match="not a job of this node"):
        jobs.require_leader(body(2)["id"], LEADER)


def test_the_order_of_references_does_not_make_another_job(make, body):
    jobs = make()
    jobs.submit(body(), LEADER)
    jobs.submit(body(references=body()["references"][::-1]), LEADER)


@pytest.mark.parametrize("change", [{"seed": "43"}, {"length": 6}, {"engine": "slow"}])
def test_the_same_id_for_other_terms_is_a_conflict(make, body, change):
    jobs = make(start=False)
    (jobs._folder).mkdir()
    jobs.submit(body(), LEADER)
    with pytest.raises(Conflict, match="id: names a job with other terms"):
        jobs.submit(body(**change), LEADER)


def test_a_failed_job_has_a_reason_and_can_run_again(make, body, folder):
    jobs = make()
    jobs.submit(body(engine="killed"), LEADER)
    view = ended(jobs, body())
    assert view["state"] == "failed"
    assert view["error"] == {
        "title": "Engine failed",
        "detail": "engine: died while it worked (found SIGKILL)",
    }
    assert "audio" not in view
    assert jobs.submit(body(engine="killed"), LEADER)["state"] in ("queued", "running")
    jobs.submit(body(number=2), LEADER)
    assert ended(jobs, body(number=2))["state"] == "done"


def test_a_reference_that_is_not_held_is_refused_at_once(make, body):
    jobs = make(start=False)
    references = [{"recording": 9, "audio": "ab" * 32, "weight": 1_000_000}]
    with pytest.raises(NotFound, match=r"references\[0\]\.recording"):
        jobs.submit(body(references=references), LEADER)
    with pytest.raises(NotFound, match="not a job"):
        jobs.view(body()["id"])


def test_files_of_an_unfinished_job_are_not_there(make, body):
    jobs = make(start=False)
    jobs.submit(body(), LEADER)
    with pytest.raises(NotFound, match="is queued"):
        jobs.file(body()["id"], "audio.wav")


def test_a_full_queue_refuses_jobs_and_runs_the_accepted_ones(make, body):
    jobs = make(longest=2, start=False)
    for number in (1, 2):
        jobs.submit(body(number), LEADER)
    with pytest.raises(Unavailable, match="queue is full"):
        jobs.submit(body(3), LEADER)
    assert jobs.submit(body(1), LEADER)["state"] == "queued"


def test_a_forgotten_job_is_made_again_with_the_same_bytes(make, body, folder):
    later = [0.0]
    jobs = make(clock=lambda: time.time() + later[0])
    jobs.submit(body(), LEADER)
    first = ended(jobs, body())
    later[0] = KEPT_SECONDS + 60
    jobs.submit(body(2), LEADER)
    gone(jobs, body())
    later[0] = 0.0
    jobs.submit(body(), LEADER)
    assert ended(jobs, body()) == first


def test_old_jobs_are_forgotten_at_the_start(make, body):
    jobs = make()
    jobs.submit(body(), LEADER)
    ended(jobs, body())
    jobs.stop()
    again = make(clock=lambda: time.time() + KEPT_SECONDS + 60)
    gone(again, body())


def gone(jobs, body, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            jobs.view(body["id"])
        except NotFound:
            return
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_job_beyond_the_number_waits_for_the_oracles_to_collect(make, body):
    jobs = make(most=1)
    jobs.submit(body(), LEADER)
    ended(jobs, body())
    with pytest.raises(Unavailable, match="must be collected first"):
        jobs.submit(body(2), LEADER)
    assert jobs.submit(body(), LEADER)["state"] == "done"


def test_jobs_accepted_before_a_restart_run_in_their_order(make, body):
    before = make(start=False)
    for number in (3, 1, 2):
        before.submit(body(number), LEADER)
    after = make()
    views = [ended(after, body(number)) for number in (3, 1, 2)]
    assert {view["state"] for view in views} == {"done"}
    stamps = [after.file(view["id"], "audio.wav").stat().st_mtime_ns for view in views]
    assert stamps == sorted(stamps)
    assert len({view["audio"] for view in views}) == 1


def test_a_stopped_job_runs_again_at_the_next_start(make, body):
    jobs = make()
    jobs.submit(body(engine="slow"), LEADER)
    while jobs.view(body()["id"])["progress"] < 4:
        time.sleep(0.02)
    jobs.stop()
    assert jobs.view(body()["id"])["state"] == "running"
    assert ended(make(), body())["state"] == "done"


@pytest.mark.parametrize("after", [0, 10, 30], ids=["at once", "early", "late"])
def test_a_job_killed_with_its_node_gives_the_same_bytes_again(make, body, folder, after):
    jobs = make()
    jobs.submit(body(number=2), LEADER)
    expected = ended(jobs, body(number=2))
    jobs.stop()
    _kill_in_hand(folder, body(), after)
    again = make()
    assert load(folder / "jobs" / body()["id"] / "job.json").state in ("queued", "running")
    found = ended(again, body())
    assert found | {"id": ""} == expected | {"id": ""}


def _kill_in_hand(folder, body, progress):
    command = [sys.executable, "-m", "tests.unit.generator.jobs_process", str(folder)]
    process = subprocess.Popen(
        [*command, json.dumps(body)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if json.loads(line)["progress"] >= progress:
                break
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_an_unreadable_job_file_does_not_stop_other_jobs(make, body, folder):
    before = make(start=False)
    before.submit(body(1), LEADER)
    before.submit(body(2), LEADER)
    (folder / "jobs" / body(1)["id"] / "job.json").write_bytes(b'{"refrain_job":1')
    after = make()
    assert ended(after, body(2))["state"] == "done"
    with pytest.raises(Inconsistent, match="cannot be read back"):
        after.view(body(1)["id"])


def test_incomplete_folders_of_a_killed_process_are_deleted(make, folder):
    half = folder / "jobs" / ("0x" + "5" * 64)
    half.mkdir(parents=True)
    (half / ".draft-x").write_bytes(b"half")
    make()
    assert not half.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "0x12"}, "id"),
        ({"id": "../../etc/passwd"}, "id"),
        ({"id": "0x" + "AB" * 32}, "id"),
        ({"engine": ""}, "engine"),
        ({"length": 4}, "length"),
        ({"length": 121}, "length"),
        ({"length": 30.0}, "length"),
        ({"length": True}, "length"),
        ({"seed": 5}, "seed"),
        ({"seed": "05"}, "seed"),
        ({"seed": str(2**64)}, "seed"),
        ({"references": []}, "references"),
        ({"references": [{"recording": 1}]}, r"references\[0\]\.audio"),
        ({"extra": 1}, "extra"),
    ],
)
def test_terms_are_checked_field_by_field(body, change, field):
    raw = dict(body()) | change
    with pytest.raises(InvalidInput, match=field):
        read_terms(raw)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recording": 0}, "recording"),
        ({"recording": 2**32}, "recording"),
        ({"recording": 2}, "references"),
        ({"audio": "AB" * 32}, "audio"),
        ({"weight": 0}, "weight"),
        ({"weight": 400_001}, "references"),
        ({"weight": "400000"}, "weight"),
    ],
)
def test_references_are_checked_field_by_field(body, change, field):
    references = [dict(item) for item in body()["references"]]
    references[0] |= change
    with pytest.raises(InvalidInput, match=field):
        body(references=references)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["id", "engine", "length", "seed", "references", "controls"]), value=JSON
)
def test_any_other_json_value_is_refused_as_a_job(body, key, value):
    raw = dict(body())
    if raw[key] != value:
        try:
            read = read_terms(raw | {key: value})
        except InvalidInput:
            return
        assert read_terms(read) == read
