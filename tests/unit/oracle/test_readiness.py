"""Readiness: what hangs is told like what fails, and a second asker does not ask all again."""

import threading

import pytest

from oracle.domain.errors import Unavailable
from oracle.readiness import OK, Readiness
from tests.trio import make_trio

LONG = 60.0
"""Seconds: no busy machine makes a test fail."""


@pytest.fixture
def world(tmp_path):
    return make_trio(tmp_path).worlds[0]


def test_every_part_is_named(world):
    parts = Readiness(world, {"http://one": lambda: None}, LONG).parts()
    assert parts == dict.fromkeys(
        ["chain", "oracle set", "pinner", "store", "node node-a", "node node-b",
         "peer http://one"], OK,
    )  # fmt: skip


def test_a_part_that_hangs_holds_up_nobody(world):
    gate = threading.Event()
    try:
        readiness = Readiness(world, {"slow": gate.wait}, patience=0.1)
        assert "no answer" in readiness.parts()["peer slow"]
    finally:
        gate.set()


def test_many_askers_are_one_question(world):
    asked = []
    readiness = Readiness(world, {"one": lambda: asked.append(1)}, LONG)
    answers = [readiness.parts() for _ in range(20)]
    assert len(asked) < 20
    assert all(answer == answers[0] for answer in answers)


def test_what_is_wrong_is_said(world):
    world.nodes[0].fault = Unavailable("asleep")
    with pytest.raises(Unavailable, match="node node-a: asleep"):
        Readiness(world, {"one": lambda: None}, LONG).require()
