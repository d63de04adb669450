"""Every registered pinner stores, returns and refuses in the same way."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from oracle.adapters.pinning import PINNERS
from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import CHUNK, cid_of
from oracle.domain.errors import InvalidInput, NotFound
from oracle.ports import Pinner
from oracle.settings import Pinning
from tests.support.ipfs_daemon import ipfs_api  # noqa: F401  (a fixture)

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK]
ABSENT = cid_of(b"nobody has ever pinned this")


@pytest.fixture(scope="module", params=sorted(PINNERS))
def pinner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pinner:
    """Made as in the product: by the table, from settings."""
    folder = tmp_path_factory.mktemp("pins")
    api: Callable[[], str] = lambda: request.getfixturevalue("ipfs_api")  # noqa: E731
    settings = {
        "folder": lambda: Pinning("folder", folder, None),
        "kubo": lambda: Pinning("kubo", None, api()),
    }
    assert settings.keys() == PINNERS.keys(), "a new pinner needs its settings here"
    return PINNERS[request.param](settings[request.param]())


@pytest.mark.parametrize("size", SIZES)
def test_pinned_content_can_be_fetched(pinner: Pinner, size: int) -> None:
    data = os.urandom(size)
    cid = pinner.pin(data)
    assert cid == cid_of(data)
    assert pinner.fetch(cid) == data
    assert pinner.pinned(cid)


def test_pinning_twice_changes_nothing(pinner: Pinner) -> None:
    assert pinner.pin(b"the same") == pinner.pin(b"the same")
    assert pinner.fetch(cid_of(b"the same")) == b"the same"


def test_equal_chunks_are_stored_once_and_read_in_place(pinner: Pinner) -> None:
    data = bytes(3 * CHUNK) + b"end"
    assert pinner.fetch(pinner.pin(data)) == data


def test_other_content_is_not_pinned(pinner: Pinner) -> None:
    assert not pinner.pinned(ABSENT)


def test_a_leaf_of_a_pinned_file_is_not_pinned_itself(pinner: Pinner) -> None:
    first = os.urandom(CHUNK)
    pinner.pin(first + b"more")
    assert not pinner.pinned(cid_of(first))
    assert pinner.fetch(cid_of(first)) == first


@pytest.mark.parametrize("size", [CHUNK + 1, 3])
def test_absent_content_is_not_found(pinner: Pinner, size: int) -> None:
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
def test_the_store_gets_only_cids(pinner: Pinner, name: str) -> None:
    for call in (pinner.fetch, pinner.pinned, pinner.block):
        with pytest.raises(InvalidInput):
            call(name)
