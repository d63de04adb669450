"""Every withheld store keeps, returns, refuses and drops files in the same way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oracle.adapters.withheld import FolderWithheld
from oracle.domain.cid import CHUNK, blocks_of, cid_of
from oracle.domain.errors import InvalidInput, NotFound
from oracle.ports import Withheld
from tests.ports.test_pinner import NAMES
from tests.support.fakes import FakeClock, FakeWithheld

ONE, OTHER = "0x" + "11" * 32, "0x" + "22" * 32


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["folder", "fake"])
def withheld(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Withheld:
    stores = {"folder": lambda: FolderWithheld(tmp_path / "withheld", clock),
              "fake": lambda: FakeWithheld(clock)}  # fmt: skip
    return stores[request.param]()


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_can_be_fetched_whole_and_by_block(withheld: Withheld, size: int) -> None:
    data = os.urandom(size)
    cid = withheld.put(ONE, data)
    assert cid == cid_of(data)
    assert withheld.holds(ONE, cid)
    assert withheld.fetch(ONE, cid) == data
    assert all(withheld.block(ONE, name) == block for name, block in blocks_of(data))


def test_putting_twice_changes_nothing(withheld: Withheld) -> None:
    assert withheld.put(ONE, b"the same") == withheld.put(ONE, b"the same")
    assert withheld.fetch(ONE, cid_of(b"the same")) == b"the same"


def test_a_generation_does_not_have_the_files_of_another(withheld: Withheld) -> None:
    cid = withheld.put(ONE, b"x")
    assert not withheld.holds(OTHER, cid)
    for read in (withheld.fetch, withheld.block):
        with pytest.raises(NotFound):
            read(OTHER, cid)


def test_a_dropped_generation_is_gone_and_others_stay(withheld: Withheld) -> None:
    cid = withheld.put(ONE, b"x")
    withheld.put(OTHER, b"x")
    withheld.drop(ONE)
    withheld.drop(ONE)
    assert not withheld.holds(ONE, cid)
    with pytest.raises(NotFound):
        withheld.block(ONE, cid)
    assert withheld.fetch(OTHER, cid) == b"x"


def test_generations_are_dated_by_their_newest_file(withheld: Withheld, clock: FakeClock) -> None:
    assert withheld.generations() == {}
    withheld.put(ONE, b"x")
    begun = clock.now()
    clock.sleep(10)
    withheld.put(OTHER, b"x")
    assert withheld.generations() == {ONE: begun, OTHER: begun + 10}
    clock.sleep(10)
    withheld.put(ONE, b"y")
    assert withheld.generations() == {ONE: begun + 20, OTHER: begun + 10}


WRONG_IDS = ["", "0x", ONE[2:], ONE.upper(), ONE + "0", "0x" + "AA" * 32, "../" + ONE, ONE + "/..",
             ONE + "\n", "0x" + "\u0661" * 64]  # fmt: skip


@pytest.mark.parametrize("name", WRONG_IDS)
def test_other_ids_than_hashes_are_refused(withheld: Withheld, name: str) -> None:
    for call in (withheld.fetch, withheld.block, withheld.holds):
        with pytest.raises(InvalidInput):
            call(name, cid_of(b"x"))
    for call in (lambda: withheld.put(name, b"x"), lambda: withheld.drop(name)):
        with pytest.raises(InvalidInput):
            call()
    assert withheld.generations() == {}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_other_names_than_cids_are_refused(withheld: Withheld, name: str) -> None:
    withheld.put(ONE, b"x")
    for call in (withheld.fetch, withheld.block, withheld.holds):
        with pytest.raises(InvalidInput):
            call(ONE, name)
