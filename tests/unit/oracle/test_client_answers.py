"""An oracle may answer anything: a wrong field is named, and nothing else is raised."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.adapters.signing.typed import TypedData
from oracle.client import answers
from oracle.client.offer import Now, Wanted, checked
from oracle.domain.errors import Inconsistent
from oracle.domain.order import Order
from tests.support.samples import LEDGER, PAYER

NUMBER = "0x" + "ab" * 32
QUOTE = {
    "permitted": True, "refusals": [], "reserved": "5", "price": "1200000", "node_fee": "120000",
    "protocol_fee": "60000", "floor": {"recording": 1, "per_second": "5"}, "use": 5,
    "split": [{"recording": 1, "weight": 1_000_000, "amount": "1020000"}],
    "typed_data": {}, "expires": 9,
}  # fmt: skip
VIEW = {
    "id": NUMBER, "stage": "settled", "detail": "", "price": "1200000", "block": 9,
    "links": {"self": "/x", "manifest": None, "audio": None, "trace": None},
    "transaction": NUMBER, "vector": [{"recording": 1, "weight": 1_000_000}], "original": None,
}  # fmt: skip
READERS = {
    "quote": (QUOTE, answers.quote),
    "generation": (VIEW, lambda value: answers.generation(value, NUMBER)),
    "order": ({"id": NUMBER}, lambda value: answers.taken(value, NUMBER)),
}
ODD = [None, [], {}, [None], [[]], "", "x", "-1", "1e3", "٣", "0x", -1, 10**40, True, "9" * 80]


def paths(value, path=()):
    """The path of each member and item."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from paths(item, (*path, key))


def changed(value, path, odd):
    made = copy.deepcopy(value)
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return made


def read(name, value):
    """Whether the reader takes a value; it may refuse it only with an error that names a field."""
    try:
        READERS[name][1](value)
    except Inconsistent as error:
        assert error.field.startswith(name) and "the oracle's answer" in error.detail
        return False
    return True


EVERY = [(name, path) for name, (value, _) in READERS.items() for path in paths(value)]


@pytest.mark.parametrize("name", READERS)
def test_an_honest_answer_is_read(name):
    value, reader = READERS[name]
    assert reader({**value, "new": 1}) == value


@pytest.mark.parametrize(("name", "path"), EVERY)
def test_an_odd_member_is_named(name, path):
    taken = [read(name, changed(READERS[name][0], path, odd)) for odd in ODD]
    assert not all(taken)


@pytest.mark.parametrize(("name", "path"), [each for each in EVERY if isinstance(each[1][-1], str)])
def test_a_missing_member_is_named(name, path):
    made = copy.deepcopy(READERS[name][0])
    place = made
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    with pytest.raises(Inconsistent, match=f"{path[-1]}: .*is missing"):
        READERS[name][1](made)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("odd", [None, [], "x", 1, {}])
def test_an_answer_that_is_no_object_is_named(name, odd):
    assert not read(name, odd)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(EVERY), JSON)
def test_no_answer_ends_in_a_traceback(place, odd):
    name, path = place
    read(name, changed(READERS[name][0], path, odd))


def test_permitted_fits_the_refusals():
    refusal = {"recording": 1, "reason": "share", "detail": "too much"}
    for value in (QUOTE | {"permitted": False}, QUOTE | {"refusals": [refusal]}):
        with pytest.raises(Inconsistent, match=r"quote\.permitted"):
            answers.quote(value)


TYPED = TypedData(31_337, LEDGER)
WANTED = Wanted(PAYER, bytes(32), "commercial", 0, {1: 1_000_000})
SIGNED = TYPED.order_typed_data(Order(PAYER, 0, bytes(32), 1_200_000, 1, 5, 0, 9))
OFFER = {**QUOTE, "typed_data": SIGNED}


def offered(offer):
    return checked(answers.quote(offer), WANTED, Now(0, 8, 8), TYPED, 2_000_000)


def test_an_honest_offer_is_signed():
    assert TYPED.order_typed_data(offered(OFFER)) == SIGNED


@pytest.mark.parametrize("path", list(paths(SIGNED)))
def test_odd_typed_data_is_not_signed(path):
    for odd in ODD:
        with pytest.raises(Inconsistent, match="typed_data"):
            offered({**OFFER, "typed_data": changed(SIGNED, path, odd)})
