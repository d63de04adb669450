"""Own copies of withheld files: blocks from any oracle, none of which is trusted."""

import os

import pytest

from oracle.domain.cid import CHUNK, cid_of
from oracle.domain.errors import InvalidInput, NotFound, Unavailable
from oracle.quorum.copies import Copies
from tests.support.fakes import FakeClock, FakePeer, FakeWithheld

ONE = "0x" + "11" * 32
DATA = os.urandom(3 * CHUNK + 7)


def serving(name, data=DATA):
    """A peer that has a file and shares it."""
    store = FakeWithheld(FakeClock())
    store.put(ONE, data)
    peer = FakePeer(name, "")
    peer.blocks = lambda cid: store.block(ONE, cid)
    return peer


def lying(name, answer):
    peer = FakePeer(name, "")
    peer.blocks = answer
    return peer


@pytest.fixture
def own():
    return FakeWithheld(FakeClock())


def test_a_missing_file_is_copied_once_and_then_read_from_the_own_copy(own):
    peer = serving("a")
    copies = Copies(own, [peer], ONE)
    assert copies.file(cid_of(DATA), len(DATA)) == DATA
    assert own.fetch(ONE, cid_of(DATA)) == DATA
    asked = len(peer.served)
    assert copies.file(cid_of(DATA), len(DATA)) == DATA
    assert len(peer.served) == asked == 5


LIES = {
    "other bytes": lambda cid: b"other",
    "nothing": lambda cid: b"",
    "too much": lambda cid: bytes(CHUNK + 1),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_peer_that_sends_wrong_blocks_is_passed_over(own, lie):
    liar, honest = lying("liar", lie), serving("honest")
    assert Copies(own, [liar, honest], ONE).file(cid_of(DATA), len(DATA)) == DATA
    assert len(honest.served) == 5


def test_only_liars_leave_nothing_behind(own):
    with pytest.raises(Unavailable, match="no other oracle sends this block"):
        Copies(own, [lying("a", LIES["other bytes"])], ONE).file(cid_of(DATA), len(DATA))
    assert own.generations() == {}


def test_a_peer_that_does_not_share_or_answer_is_passed_over_and_asked_last(own):
    def refuses(_cid):
        raise NotFound("is not shared with this oracle")

    silent, honest = lying("refuses", refuses), serving("honest")
    silent_asked = []
    silent.blocks = lambda cid: (silent_asked.append(cid), refuses(cid))
    assert Copies(own, [silent, honest], ONE).file(cid_of(DATA), len(DATA)) == DATA
    assert len(silent_asked) == 1


def test_a_file_that_is_too_large_is_refused_before_all_of_it_is_read(own):
    peer = serving("a")
    with pytest.raises(InvalidInput, match="more than"):
        Copies(own, [peer], ONE).file(cid_of(DATA), CHUNK)
    assert len(peer.served) < 4
    assert own.generations() == {}
