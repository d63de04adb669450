"""EIP-712 hashes: equal to an independent implementation's, and different for every field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.adapters.signing import signatures, typed
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order

CHAIN, LEDGER = 31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAYER = Account.from_key(b"\x01" * 32)
TYPED = TypedData(CHAIN, LEDGER)

ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
UINTS = st.integers(0, 2**256 - 1)
WORDS = st.binary(min_size=32, max_size=32)
ORDERS = st.builds(Order, ADDRESSES, UINTS, WORDS, UINTS, UINTS, UINTS, UINTS, UINTS)
ATTESTATIONS = st.builds(
    Attestation, UINTS, ADDRESSES, UINTS, UINTS, st.binary(max_size=100), WORDS
)
ORDER = Order(PAYER.address, 3, b"\x07" * 32, 5_000_000, 1, 5, 0, 1_900_000_000)
ATTESTATION = Attestation(1_200_000, LEDGER, 120_000, 1_800_000_000, bytes(8), b"\x09" * 32)


def independent(type_text, message):
    """The same struct, hashed by eth-account."""
    name, members = typed.parse(type_text)
    domain = {"name": "Refrain", "version": "1", "chainId": CHAIN, "verifyingContract": LEDGER}
    return encode_typed_data(domain, {name: members}, message)


@settings(max_examples=50, deadline=None)
@given(ORDERS)
def test_order_hashes_match_eth_account(order):
    other = encode_typed_data(full_message=TYPED.order_typed_data(order))
    assert TYPED.order_hash(order) == "0x" + other.body.hex()
    assert Account.sign_message(other, PAYER.key).message_hash == TYPED.order_digest(order)


@settings(max_examples=50, deadline=None)
@given(ATTESTATIONS, WORDS, WORDS)
def test_attestation_hashes_match_eth_account(made, order, set_id):
    message = {
        "set": set_id,
        "order": order,
        "price": made.price,
        "node": made.node,
        "nodeFee": made.node_fee,
        "generatedAt": made.generated_at,
        "entries": made.entries,
        "manifest": made.manifest,
    }
    signed = Account.sign_message(independent(typed.ATTESTATION, message), PAYER.key)
    digest = TYPED.attestation_digest(made, "0x" + order.hex(), set_id)
    assert signed.message_hash == digest
    long = bytes(signed.signature)
    found = TYPED.attestation_signer(
        made, "0x" + order.hex(), set_id, "0x" + signatures.compact(long).hex()
    )
    assert found == PAYER.address
    with pytest.raises(InvalidInput, match="64 bytes"):
        TYPED.attestation_signer(made, "0x" + order.hex(), set_id, "0x" + long.hex())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ATTESTATIONS, WORDS), max_size=4), WORDS)
def test_batch_hashes_match_eth_account(listed, set_id):
    names = ("price", "node", "nodeFee", "generatedAt", "entries", "manifest")
    stated = [
        {"set": set_id, "order": order, **dict(zip(names, vars(made).values(), strict=True))}
        for made, order in listed
    ]
    members = typed.parse(typed.ATTESTATION)[1]
    types = {"Batch": [{"name": "attestations", "type": "Attestation[]"}], "Attestation": members}
    domain = {"name": "Refrain", "version": "1", "chainId": CHAIN, "verifyingContract": LEDGER}
    message = encode_typed_data(domain, types, {"attestations": stated})
    hashes = [TYPED.attestation_hash(made, "0x" + order.hex(), set_id) for made, order in listed]
    signed = Account.sign_message(message, PAYER.key)
    assert signed.message_hash == TYPED.batch_digest(hashes)
    short = "0x" + signatures.compact(bytes(signed.signature)).hex()
    assert TYPED.batch_signer(hashes, short) == PAYER.address


def test_upload_hashes_match_eth_account():
    message = {"recording": 7, "audio": b"\x05" * 32, "deadline": 99}
    signed = Account.sign_message(independent(typed.UPLOAD, message), PAYER.key)
    assert signed.message_hash == TYPED.upload_digest(7, b"\x05" * 32, 99)


def test_typed_data_has_numbers_as_strings():
    # A uint256 does not survive a browser's number.
    message = TYPED.order_typed_data(ORDER)["message"]
    assert all(isinstance(value, str) for value in message.values())
    assert message["maxPrice"] == "5000000" and message["request"] == "0x" + "07" * 32


def test_a_signature_recovers_to_the_payer():
    message = encode_typed_data(full_message=TYPED.order_typed_data(ORDER))
    signature = "0x" + Account.sign_message(message, PAYER.key).signature.hex().removeprefix("0x")
    assert TYPED.order_signer(ORDER, signature) == PAYER.address


CHANGED = {
    "nonce": 4,
    "request": b"\x08" * 32,
    "max_price": 1,
    "tier": 0,
    "use": 1,
    "rule": 1,
    "deadline": 1,
    "payer": LEDGER,
}


@pytest.mark.parametrize("field", sorted(CHANGED))
def test_every_field_of_an_order_is_signed(field):
    other = replace(ORDER, **{field: CHANGED[field]})
    assert TYPED.order_hash(other) != TYPED.order_hash(ORDER)


ALTERED = {
    "price": 1,
    "node": PAYER.address,
    "node_fee": 1,
    "generated_at": 1,
    "entries": bytes(16),
    "manifest": bytes(32),
}


@pytest.mark.parametrize("field", sorted(ALTERED))
def test_every_field_of_an_attestation_is_signed(field):
    other = replace(ATTESTATION, **{field: ALTERED[field]})
    order = "0x" + "11" * 32
    assert TYPED.attestation_digest(other, order, bytes(32)) != TYPED.attestation_digest(
        ATTESTATION, order, bytes(32)
    )


def test_an_attestation_belongs_to_one_order_and_one_set():
    digests = {
        TYPED.attestation_digest(ATTESTATION, "0x" + order * 32, set_id * 32)
        for order in ("11", "22")
        for set_id in (b"\x01", b"\x02")
    }
    assert len(digests) == 4


@pytest.mark.parametrize("other", [TypedData(1, LEDGER), TypedData(CHAIN, PAYER.address)])
def test_another_chain_or_ledger_gives_another_digest(other):
    assert other.order_digest(ORDER) != TYPED.order_digest(ORDER)
    assert other.order_hash(ORDER) == TYPED.order_hash(ORDER)


@pytest.mark.parametrize(
    "broken",
    [
        replace(ORDER, nonce=-1),
        replace(ORDER, nonce=2**256),
        replace(ORDER, payer="0x12"),
        replace(ORDER, request=b"\x07" * 31),
        replace(ORDER, request=b"\x07" * 33),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(broken):
    with pytest.raises(InvalidInput):
        TYPED.order_hash(broken)


@pytest.mark.parametrize("order", ["", "0x", "0x12", "zz" * 32, "0x" + "11" * 33])
def test_an_order_hash_has_32_bytes(order):
    with pytest.raises(InvalidInput, match="32 bytes"):
        TYPED.attestation_digest(ATTESTATION, order, bytes(32))


def test_a_set_id_depends_on_threshold_and_signers():
    # keccak256(abi.encode(2, [0x11.., 0x22..])), from the Solidity documentation's layout.
    signers = ("0x" + "11" * 20, "0x" + "22" * 20)
    one = TYPED.set_id(OracleSet(2, signers))
    words = [2, 64, 2, int(signers[0], 16), int(signers[1], 16)]
    expected = typed.keccak(b"".join(word.to_bytes(32, "big") for word in words))
    assert one == expected
    assert TYPED.set_id(OracleSet(1, signers)) != one
    assert TYPED.set_id(OracleSet(2, signers[::-1])) != one
