"""Packed batches: the same bytes as an independent writer's, and unpacking restores the input."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.domain.attestation import Attestation, Attested
from oracle.domain.attribution import MILLION, encode_entries
from oracle.domain.batch import fits, pack, unpack_batch
from oracle.domain.order import Order
from scripts.solidity.batch_packer import pack_batch

PEOPLE = ["0x" + f"{n:02x}" * 20 for n in (3, 9, 200)]
ORDER = Order(PEOPLE[0], 7, b"\x01" * 32, 2_000_000, 1, 5, 0, 1_900_000_000)
MADE = Attestation(
    1_200_000, PEOPLE[1], 120_000, 1_800_000_000, encode_entries({0: 1, 2: MILLION - 1}),
    b"\x02" * 32,
)  # fmt: skip
MEMBER = Attested(ORDER, "0x", MADE)


@st.composite
def members(draw):
    made_at = draw(st.integers(1, 2**32))
    price = draw(st.integers(0, 2**48 - 1))
    cut = draw(st.integers(1, MILLION - 1))
    first, second = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=2)))
    weights = {first: cut, second: MILLION - cut}
    order = Order(
        draw(st.sampled_from(PEOPLE)), draw(st.integers(0, 2**32 - 1)), draw(word()),
        price + draw(st.integers(0, 2**48 - 1)), *(draw(st.integers(0, 255)) for _ in range(3)),
        made_at + draw(st.integers(0, 2**32 - 1)),
    )  # fmt: skip
    made = Attestation(
        price, draw(st.sampled_from(PEOPLE)), draw(st.integers(0, 2**48 - 1)), made_at,
        encode_entries(weights), draw(word()),
    )  # fmt: skip
    return Attested(order, "0x" + draw(st.binary(min_size=65, max_size=65)).hex(), made)


def word():
    return st.binary(min_size=32, max_size=32)


def plain(member):
    order, made = member.order, member.attestation
    return (
        {**vars(order), "maxPrice": order.max_price},
        {**vars(made), "nodeFee": made.node_fee, "generatedAt": made.generated_at},
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(members(), min_size=1, max_size=5))
def test_the_bytes_are_those_of_an_independent_writer(listed):
    assert all(map(fits, listed))
    signatures = [bytes([n]) * 64 for n in range(len(listed))]
    orders, made = zip(*map(plain, listed), strict=True)
    other = pack_batch(orders, made, signatures)
    ours = pack(listed, signatures)
    assert list(other.values()) == [
        ours.since, ours.uses, list(ours.payers), list(ours.nodes), ours.recordings,
        ours.generations,
    ]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(members(), min_size=1, max_size=5))
def test_unpacking_restores_the_generations(listed):
    packed = pack(listed, [bytes([n]) * 64 for n in range(len(listed))])
    names = ("from", "uses", "payers", "nodes", "recordings", "generations")
    found = unpack_batch(dict(zip(names, vars(packed).values(), strict=True)), 64)
    back = [(Order(*order.values()), Attestation(*made.values())) for order, made in found]
    assert back == [(member.order, member.attestation) for member in listed]


@pytest.mark.parametrize(
    ("part", "field", "largest"),
    [
        ("order", "nonce", 2**32 - 1),
        ("order", "deadline", MADE.generated_at + 2**32 - 1),
        ("order", "max_price", MADE.price + 2**48 - 1),
        ("attestation", "node_fee", 2**48 - 1),
        ("order", "tier", 255),
        ("order", "rule", 255),
        ("order", "use", 255),
    ],
)
def test_a_number_that_does_not_fit_its_field_must_be_settled_alone(part, field, largest):
    for value, expected in ((largest, True), (largest + 1, False)):
        changed = replace(getattr(MEMBER, part), **{field: value})
        assert fits(replace(MEMBER, **{part: changed})) is expected, value


@pytest.mark.parametrize("price", [2**48 - 1, 2**48])
def test_a_price_beyond_48_bits_does_not_fit(price):
    order, made = replace(ORDER, max_price=price), replace(MADE, price=price)
    assert fits(Attested(order, "0x", made)) is (price < 2**48)


def test_a_price_above_max_price_or_a_time_after_the_deadline_does_not_fit():
    for order in (replace(ORDER, max_price=1), replace(ORDER, deadline=1)):
        assert not fits(replace(MEMBER, order=order))
        with pytest.raises(OverflowError):
            pack([replace(MEMBER, order=order)], [bytes(64)])


def test_more_than_255_entries_do_not_fit():
    for count in (255, 256):
        vector = dict.fromkeys(range(1, count), 1) | {count: MILLION - count + 1}
        made = replace(MADE, entries=encode_entries(vector))
        assert fits(replace(MEMBER, attestation=made)) is (count == 255)
