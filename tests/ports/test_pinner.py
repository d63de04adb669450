"""Every registered pinner keeps, gives back and refuses in the same way."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from oracle.adapters.pinning import PINNERS
from oracle.adapters.pinning.base import BlockPinner
from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import CHUNK, cid_of
from oracle.domain.errors import InvalidInput, NotFound
from tests.ipfs_daemon import ipfs_api  # noqa: F401  (a fixture)

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK]
ABSENT = cid_of(b"nobody has ever pinned this")


@pytest.fixture(scope="module", params=sorted(PINNERS))
def pinner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BlockPinner:
    """Made the way the product makes it: by the table, from settings."""
    folder = tmp_path_factory.mktemp("pins")
    api: Callable[[], str] = lambda: request.getfixturevalue("ipfs_api")  # noqa: E731
    settings = {
        "folder": lambda: SimpleNamespace(pin_folder=folder, ipfs_api=None),
        "kubo": lambda: SimpleNamespace(pin_folder=None, ipfs_api=api()),
    }
    assert settings.keys() == PINNERS.keys(), "a new pinner needs its settings here"
    return PINNERS[request.param](settings[request.param]())


@pytest.mark.parametrize("size", SIZES)
def test_pins_and_gives_back(pinner: BlockPinner, size: int) -> None:
    data = os.urandom(size)
    cid = pinner.pin(data)
    assert cid == cid_of(data)
    assert pinner.fetch(cid) == data
    assert pinner.pinned(cid)


def test_pinning_twice_changes_nothing(pinner: BlockPinner) -> None:
    assert pinner.pin(b"the same") == pinner.pin(b"the same")
    assert pinner.fetch(cid_of(b"the same")) == b"the same"


def test_chunks_that_are_alike_are_kept_once_and_read_in_place(pinner: BlockPinner) -> None:
    data = bytes(3 * CHUNK) + b"end"
    assert pinner.fetch(pinner.pin(data)) == data


def test_what_nobody_pinned_is_not_pinned(pinner: BlockPinner) -> None:
    assert not pinner.pinned(ABSENT)


def test_a_leaf_of_a_pinned_file_is_not_itself_a_pin(pinner: BlockPinner) -> None:
    first = os.urandom(CHUNK)
    pinner.pin(first + b"more")
    assert not pinner.pinned(cid_of(first))
    assert pinner.fetch(cid_of(first)) == first


@pytest.mark.parametrize("size", [CHUNK + 1, 3])
def test_absent_content_is_not_found(pinner: BlockPinner, size: int) -> None:
    if isinstance(pinner, KuboPinner):
        pinner.patience = 1
    with pytest.raises(NotFound):
        pinner.fetch(cid_of(os.urandom(size)))


NAMES = {
    "a way up": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "escaped": "%2e%2e%2fpins",
    "a way up behind a CID": ABSENT + "/../x",
    "NUL": ABSENT + "\x00",
    "line feed": ABSENT + "\n",
    "upper case": ABSENT.upper(),
    "long": "b" * 10_000,
    "a Cyrillic letter": "bafkrei\u0430" + "a" * 51,
    "lone surrogates": "\udcff" * 59,
    "empty": "",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_no_other_name_reaches_the_store(pinner: BlockPinner, name: str) -> None:
    for call in (pinner.fetch, pinner.pinned, pinner.block):
        with pytest.raises(InvalidInput):
            call(name)
