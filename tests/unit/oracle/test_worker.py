"""The worker: everything under way moves, and what waits or breaks holds up nobody."""

import threading
from dataclasses import replace

from oracle.domain.errors import Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.worker import AFTER_A_FAULT, Worker
from tests.samples import order_for, request


class Scripted:
    """A pipeline that plays a list of outcomes for each generation."""

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
        return replace(base, stage=found)

    def pause(self, generation):
        return 7.0


def test_each_takes_a_step_in_turn():
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


def test_an_empty_agenda_waits_for_ever():
    assert Worker(Scripted()).turn(0.0) is None


def test_a_generation_stands_on_the_agenda_once():
    pipeline = Scripted(a=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.add("a")
    assert worker.turn(0.0) is None


def test_a_store_that_does_not_answer_is_asked_again():
    pipeline = Scripted(a=[Unavailable("disk full"), Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    assert worker.turn(0.0) == AFTER_A_FAULT
    assert worker.turn(AFTER_A_FAULT) is None


def test_a_fault_of_ours_stops_nobody(caplog):
    pipeline = Scripted(a=[ZeroDivisionError("oops"), Stage.SETTLED], b=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.add("b")
    worker.turn(0.0)
    worker.turn(0.0)
    assert pipeline.walked == ["a", "b"]
    assert "oops" in caplog.text
    assert worker.turn(AFTER_A_FAULT) is None


def test_the_thread_works_off_what_is_added_and_stops():
    pipeline = Scripted(a=[Stage.SETTLED], b=[Stage.SETTLED])
    worker = Worker(pipeline)
    worker.add("a")
    worker.start()
    worker.add("b")
    assert pipeline.done.wait(30)
    worker.stop()
    assert sorted(pipeline.walked) == ["a", "b"]


def test_a_slow_step_holds_up_nobody():
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


def test_stopping_what_never_started_is_no_fault():
    Worker(Scripted()).stop()
