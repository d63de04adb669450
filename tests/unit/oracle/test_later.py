"""Answers that ask for a pause: which they are, how long it is, and when patience ends."""

from email.utils import formatdate

import pytest

from oracle.domain.later import LONGEST_PAUSE, MOST_TRIES, TALLY, patiently, pause_of

NOW = 1_700_000_000.0


@pytest.fixture(autouse=True)
def counted():
    TALLY.clear()
    yield
    TALLY.clear()


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 409, 422, 500, 501])
def test_other_answers_ask_for_no_pause(status):
    assert pause_of(status, "7", 0, NOW, bare=True) is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("header", "pause"),
    [("7", 7.0), (" 7 ", 7.0), ("0", 0.0), (formatdate(NOW + 9, usegmt=True), 9.0),
     (formatdate(NOW - 60, usegmt=True), 0.0), ("9" * 400, LONGEST_PAUSE),
     (formatdate(NOW + 10**7, usegmt=True), LONGEST_PAUSE)],
)  # fmt: skip
def test_a_named_pause_is_kept_up_to_a_bound(status, header, pause):
    assert pause_of(status, header, 2, NOW) == pause


@pytest.mark.parametrize("header", [None, "", "soon", "-7", "1.5", "７", "Mon, 99 Foo 2020", "0x7"])
def test_without_a_pause_that_can_be_read_each_one_is_longer(header):
    assert [pause_of(429, header, tries, NOW) for tries in range(3)] == [0.1, 0.2, 0.4]
    assert pause_of(503, header, 0, NOW) is None
    assert pause_of(503, header, 0, NOW, bare=True) == 0.1


class Service:
    """Asks for pauses, then answers; `now` and `slept` are of a clock of its own."""

    def __init__(self, *pauses):
        self.pauses, self.now, self.slept = list(pauses), 0.0, []

    def __call__(self):
        return self.pauses.pop(0) if self.pauses else None

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def asked(self, seconds):
        return patiently(
            self, lambda answer, tries: answer, "it", seconds, lambda: self.now, self.sleep
        )


def test_a_service_that_is_busy_is_asked_again():
    service = Service(1.0, 2.0)
    assert service.asked(10) == (None, None)
    assert service.slept == [1.0, 2.0] and TALLY.counts() == {"it": 2}


def test_a_pause_beyond_the_patience_is_not_begun():
    service = Service(1.0, 9.5)
    assert service.asked(10) == (9.5, 9.5)
    assert service.slept == [1.0]


def test_patience_of_nothing_asks_once():
    service = Service(1.0)
    assert service.asked(0) == (1.0, 1.0) and service.slept == []


def test_tries_are_bounded_where_pauses_are_none():
    service = Service(*[0.0] * 100)
    assert service.asked(10) == (0.0, 0.0)
    assert len(service.slept) == MOST_TRIES - 1
