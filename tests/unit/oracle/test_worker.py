"""The worker: all unfinished generations advance, and none delays another."""

import threading
from dataclasses import replace

from oracle.domain.errors import NotFound, Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.pipeline.worker import ERROR_PAUSE, Worker
from tests.support.samples import order_for, request


class Scripted:
    """A pipeline with a list of results for each generation."""

    def __init__(self, **scripts):
        self.scripts = {name: list(script) for name, script in scripts.items()}
        self.walked = []
        self.done = threading.Event()

    def advance(self, generation):
        self.walked.append(generation)
        found = self.scripts[generation].pop(0)
        if isinstance(found, Exception):
            raise found
        self.done.set() if not any(self.scripts.values()) else None
        base = Generation(generation, request(), order_for(request()), "0x", 1)
        return replace(base, stage=found, final=True)

    def pause(self, generation):
        return 7.0


def test_generations_take_steps_in_turn():
    pipeline = Scripted(a=[Stage.CONSENTED, Stage.SETTLED], b=[Stage.CONSENTED, Stage.FAILED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.add("b")
    assert worker.turn(0.0) == 0.0
    assert worker.turn(0.0) == 7.0
    assert worker.turn(6.9) is not None and pipeline.walked == ["a", "b"]
    assert worker.turn(7.0) == 0.0
    assert worker.turn(7.0) is None
    assert pipeline.walked == ["a", "b", "a", "b"]


def test_an_empty_schedule_has_no_due_time():
    assert Worker(Scripted()).turn(0.0) is None


def test_a_generation_is_scheduled_once():
    pipeline = Scripted(a=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.add("a")
    assert worker.turn(0.0) is None


def test_an_order_without_a_row_is_forgotten():
    # Another oracle asked for a reservation that this one did not give.
    worker = Worker(Scripted(a=[NotFound("no such generation")]))
    worker.add("a")
    assert worker.turn(0.0) is None


def test_an_order_that_is_saved_while_its_step_looks_for_it_takes_another_step():
    class Late(Scripted):
        def advance(self, generation):
            worker.add(generation)
            return super().advance(generation)

    worker = Worker(Late(a=[NotFound("no such generation"), Stage.CONSENTED, Stage.SETTLED]))
    worker.add("a")
    assert worker.turn(0.0) == 0.0


def test_a_store_that_does_not_answer_is_asked_again():
    pipeline = Scripted(a=[Unavailable("disk full"), Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    assert worker.turn(0.0) == ERROR_PAUSE
    assert worker.turn(ERROR_PAUSE) is None


def test_an_unexpected_error_does_not_stop_other_generations(caplog):
    pipeline = Scripted(a=[ZeroDivisionError("oops"), Stage.SETTLED], b=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.add("b")
    worker.turn(0.0)
    worker.turn(0.0)
    assert pipeline.walked == ["a", "b"]
    assert "oops" in caplog.text
    assert worker.turn(ERROR_PAUSE) is None


def test_the_threads_finish_added_generations_and_stop():
    pipeline = Scripted(a=[Stage.SETTLED], b=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.start()
    worker.add("b")
    assert pipeline.done.wait(30)
    worker.stop()
    assert sorted(pipeline.walked) == ["a", "b"]


def test_a_slow_step_does_not_delay_others():
    gate = threading.Event()

    class Slow(Scripted):
        def advance(self, generation):
            if generation == "slow":
                gate.wait()
            return super().advance(generation)

    pipeline = Slow(slow=[Stage.SETTLED], quick=[Stage.CONSENTED, Stage.SETTLED])
    pipeline.pause = lambda _generation: 0.0
    worker = Worker(pipeline, threads=2)
    worker.add("slow")
    worker.add("quick")
    worker.start()
    while pipeline.walked.count("quick") < 2:
        gate.wait(0.01)
    assert "slow" not in pipeline.walked
    gate.set()
    assert pipeline.done.wait(30)
    worker.stop()


def test_a_generation_is_on_one_thread_at_a_time():
    inside, worst = [], []

    class Counting(Scripted):
        def advance(self, generation):
            inside.append(generation)
            worst.append(inside.count(generation))
            after = super().advance(generation)
            worker.add(generation)  # an app repeats its order meanwhile
            inside.remove(generation)
            return after

    names = [f"g{number}" for number in range(8)]
    pipeline = Counting(**{name: [Stage.CONSENTED] * 30 + [Stage.SETTLED] for name in names})
    pipeline.pause = lambda _generation: 0.0
    worker = Worker(pipeline, threads=4)
    for name in names:
        worker.add(name)
    worker.start()
    assert pipeline.done.wait(60)
    worker.stop()
    assert max(worst) == 1


def test_stopping_before_starting_is_allowed():
    Worker(Scripted()).stop()


def test_a_chore_runs_beside_the_generations_and_its_bug_ends_nothing():
    ran, pipeline = threading.Event(), Scripted(a=[Stage.SETTLED])

    def chore():
        ran.set()
        raise RuntimeError("a bug")

    worker = Worker(pipeline, chore=chore)
    worker.add("a")
    worker.start()
    try:
        assert ran.wait(10)
        assert pipeline.done.wait(10)
    finally:
        worker.stop()


def test_a_chore_comes_again_after_its_time(monkeypatch):
    monkeypatch.setattr("oracle.pipeline.worker.CHORE_SECONDS", 0.01)
    calls, often = [], threading.Event()

    def chore():
        calls.append(1)
        often.set() if len(calls) == 3 else None
        raise Unavailable("disk full")

    worker = Worker(Scripted(), chore=chore)
    worker.start()
    try:
        assert often.wait(10)
    finally:
        worker.stop()
