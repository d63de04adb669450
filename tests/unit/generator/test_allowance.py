"""An allowance: a number of requests at once, and some more each day, for each caller."""

import json

import pytest

from generator.node.allowance import DAY, Allowance
from oracle.domain.errors import Inconsistent, Unavailable


class Clock:
    now = 1_000

    def __call__(self):
        return self.now


def taken(allowance, caller="a"):
    count = 0
    with pytest.raises(Unavailable, match="no checks left"):
        while True:
            allowance.take(caller)
            count += 1
    return count


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "checks.json"


def test_a_caller_has_its_burst_and_then_what_time_gives(path):
    clock = Clock()
    allowance = Allowance("checks", 10, 48, clock, path)
    assert taken(allowance) == 10
    clock.now += DAY // 48 - 1
    assert taken(allowance) == 0
    clock.now += 1
    assert taken(allowance) == 1
    clock.now += 5 * DAY // 48
    assert taken(allowance) == 5
    clock.now += 100 * DAY
    assert taken(allowance) == 10


def test_callers_do_not_share_an_allowance(path):
    allowance = Allowance("checks", 3, 48, Clock(), path)
    assert (taken(allowance, "a"), taken(allowance, "b")) == (3, 3)


def test_a_clock_that_goes_back_gives_nothing(path):
    clock = Clock()
    allowance = Allowance("checks", 3, 48, clock, path)
    taken(allowance)
    clock.now -= 500
    assert taken(allowance) == 0
    clock.now += 500
    assert taken(allowance) == 0


def test_a_restart_gives_nothing_back(path):
    clock = Clock()
    before = Allowance("checks", 5, 48, clock, path)
    before.take("a")
    before.take("a")
    assert taken(Allowance("checks", 5, 48, clock, path)) == 3
    assert taken(Allowance("checks", 5, 48, clock, path)) == 0
    clock.now += DAY // 48
    again = Allowance("checks", 5, 48, clock, path)
    assert (taken(again), taken(again, "b")) == (1, 5)


def test_what_is_not_on_the_disk_is_not_given(path):
    allowance = Allowance("checks", 3, 48, Clock(), path)
    path.parent.write_bytes(b"a file in the place of the folder")
    with pytest.raises(OSError):
        allowance.take("a")
    path.parent.unlink()
    assert taken(allowance) == 3


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{", json.dumps({"a": 3}).encode(), json.dumps({"a": {"time": 1}}).encode(),
    json.dumps({"a": {"time": -1, "left": 0}}).encode(),
])  # fmt: skip
def test_a_damaged_file_is_refused_at_the_start(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(Inconsistent, match="allowance: cannot be read back") as found:
        Allowance("checks", 3, 48, Clock(), path)
    assert found.value.value == "checks.json"
