"""The child process: results, refusals, and every way in which it can end."""

import json
import os
import threading
import time

import pytest

from generator.audio.decode import AudioError
from generator.sandbox.limits import TaskLimits
from generator.sandbox.process import EngineFailed, EngineProcess
from oracle.domain.errors import InvalidInput, Unavailable
from tests.unit.generator import songs, tiny_engine

ENGINES = {
    "tiny": tiny_engine.TinyEngine,
    "crashing": tiny_engine.CrashingEngine,
    "greedy": tiny_engine.GreedyEngine,
    "killed": tiny_engine.KilledEngine,
    "wrong": tiny_engine.WrongEngine,
    "slow": tiny_engine.SlowEngine,
    "telling": tiny_engine.TellingEngine,
}


@pytest.fixture
def make(tmp_path):
    made = []

    def engine_process(**limits):
        made.append(EngineProcess(ENGINES, tmp_path / "cache", TaskLimits(**limits)))
        return made[-1]

    yield engine_process
    for each in made:
        each.close()


def wanted(tmp_path, engine="tiny", **changes):
    path, digest = songs.put(tmp_path, 1)
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    source = {"recording": 1, "audio": digest, "path": str(path)}
    terms = {"engine": engine, "sources": [source], "weights": [1_000_000]}
    steering = {"controls": {}, "groups": []}
    return terms | steering | {"seed": "5", "length": 5, "folder": str(folder)} | changes


def test_a_task_gives_a_result_and_reports_progress(make, tmp_path):
    told = []
    found = make().run("generate", wanted(tmp_path), told.append)
    assert told == sorted(told) and told[-1] == 100
    trace = (tmp_path / "out" / "trace.json").read_bytes()
    assert json.loads(trace)["seed"] == "5"
    assert found["vectors"]["realised"] == [{"recording": 1, "weight": 1_000_000}]
    assert sorted(found["vectors"]) == [
        "audible", "declared", "realised", "responsibility", "shapley"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "reason"),
    [("crashing", "SIGSEGV"), ("killed", "SIGKILL"), ("greedy", "memory"), ("wrong", "KeyError")],
)
def test_a_failed_engine_is_reported_and_the_next_task_runs(make, tmp_path, engine, reason):
    engine_process = make(memory=2 * 1024**3)
    with pytest.raises(EngineFailed, match=reason):
        engine_process.run("generate", wanted(tmp_path, engine))
    assert engine_process.run("generate", wanted(tmp_path))["audio"]


@pytest.mark.parametrize(("seed", "kind"), [("1", InvalidInput), ("2", EngineFailed)])
def test_no_error_names_a_folder(make, tmp_path, seed, kind):
    with pytest.raises(kind) as caught:
        make().run("generate", wanted(tmp_path, "telling", seed=seed))
    assert str(tmp_path) not in str(caught.value) and "/" not in str(caught.value)


def test_an_endless_task_is_ended(make, tmp_path):
    with pytest.raises(EngineFailed, match=r"longer than 1\.5 seconds"):
        make(seconds=1.5).run("generate", wanted(tmp_path, "slow"))


def test_a_refusal_keeps_its_kind_field_and_value(make, tmp_path):
    path = tmp_path / "text.wav"
    path.write_text("this is not music")
    source = {"recording": 1, "audio": "0" * 64, "path": str(path)}
    with pytest.raises(AudioError) as refused:
        make().run("analyse", {"engine": "tiny", "source": source})
    assert refused.value.field == "audio"


def test_an_unknown_engine_is_refused(make, tmp_path):
    with pytest.raises(InvalidInput, match="engine: is not an engine"):
        make().run("generate", wanted(tmp_path, "none"))


def test_close_ends_the_task_and_refuses_others(make, tmp_path):
    engine_process = make()
    raised = []

    def work():
        try:
            engine_process.run("generate", wanted(tmp_path, "slow"), lambda _: started.set())
        except EngineFailed as error:
            raised.append(error)

    started = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(20)
    engine_process.close()
    thread.join(5)
    assert "stopped with the node" in str(raised[0])
    with pytest.raises(Unavailable):
        engine_process.run("generate", wanted(tmp_path))


def test_the_child_ends_with_its_parent(make, tmp_path):
    engine_process = make()
    engine_process.run("generate", wanted(tmp_path))
    child = engine_process._child.pid
    engine_process.close()
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_child_that_ran_out_of_memory_is_not_used_again(make, tmp_path):
    engine_process = make(memory=2 * 1024**3)
    engine_process.run("generate", wanted(tmp_path))
    before = engine_process._child.pid
    with pytest.raises(EngineFailed, match="more memory than allowed"):
        engine_process.run("generate", wanted(tmp_path, "greedy"))
    engine_process.run("generate", wanted(tmp_path))
    assert engine_process._child.pid != before


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.01, 0.05, 0.2])
def test_close_works_while_the_child_starts(make, tmp_path, delay):
    engine_process, ended = make(), []

    def work():
        try:
            engine_process.run("generate", wanted(tmp_path, "slow"))
        except (EngineFailed, Unavailable) as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(delay)
    engine_process.close()
    thread.join(5)
    assert not thread.is_alive() and len(ended) == 1
